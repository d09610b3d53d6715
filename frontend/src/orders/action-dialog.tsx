// Asks once before an order is moved, with a reason where one can be given.

import type { ComponentChildren } from "preact";

import { Dialog, unlessBusy } from "../kit/dialog";
import { type FieldErrors, Form, SubmitButton } from "../kit/form";
import { t } from "../texts/texts";

/** As in the API. */
export const MOST_REASON = 200;

interface Props {
  title: string;
  text?: string;
  submit: string;
  isDanger?: boolean;
  check?: (form: HTMLFormElement) => FieldErrors;
  onSend: (form: HTMLFormElement) => Promise<unknown>;
  onClose: () => void;
  children?: ComponentChildren;
}

export function ActionDialog({ title, text, submit, isDanger = false, check, onSend, onClose, children }: Props) {
  return (
    <Dialog titleId="action-title" onClose={onClose}>
      <h2 id="action-title">{title}</h2>
      <Form check={check} onSend={onSend}>
        {text && <p>{text}</p>}
        {children}
        <div class="actions">
          <SubmitButton class={isDanger ? "button danger" : "button"}>{submit}</SubmitButton>
          <button
            class="button quiet"
            type="button"
            onClick={(event) => unlessBusy((event.currentTarget as HTMLElement).closest("dialog"), onClose)}
          >
            {t("close")}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
