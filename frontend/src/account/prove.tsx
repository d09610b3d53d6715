// Asks that it is the person themselves, in a dialog, before what cannot be undone or opens another way into
// the account: a device that was left open must not be enough.

import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { ApiError, ShownError } from "../api/problem";
import { BusyButton } from "../kit/busy-button";
import { Dialog, unlessBusy } from "../kit/dialog";
import { Field, Form, SubmitButton } from "../kit/form";
import { AccountOfPassword, passwordOf } from "../kit/password-field";
import { Problem } from "../kit/problem";
import { errorText } from "../kit/texts";
import { EmailProofField, checkEmailProof, sendProofCode, useEmailProof } from "../session/email-proof";
import { OtherFactorButton, SecondFactorField, useSecondFactor } from "../session/second-factor-field";
import { t } from "../texts/texts";

/** What the API wants to see: a password or the proof of the address, and a code where it asks for one. */
export type Proof = ({ current_password: string } | { email_proof: string }) & ({ code?: string } | { recovery_code?: string });

interface Question {
  email: string;
  title: string;
  text?: string;
  submit: string;
  /** Whether a code of the app is needed as well. */
  secondFactor?: boolean;
  isDanger?: boolean;
}

interface Props extends Question {
  act: (proof: Proof) => Promise<unknown>;
  onClose: () => void;
  /** What went wrong belongs to the form behind the dialog. */
  onOther: (error: unknown) => void;
}

/** Whether what went wrong belongs to the form behind the dialog. */
function isOfAnother(error: unknown, form: HTMLFormElement): boolean {
  if (!(error instanceof ShownError) || (error instanceof ApiError && error.code === "auth.fresh_proof_needed")) return false;
  const names = new Set([...form.elements].map((element) => element.getAttribute("name")));
  return error.errors.some(({ pointer }) => !names.has(pointer.replace(/^#?\//, "")));
}

function ProofDialog({ email, title, text, submit, secondFactor = false, isDanger = false, act, onClose, onOther }: Props) {
  const second = useSecondFactor();
  const emailProof = useEmailProof(email);
  const byMail = useSignal(false);
  const problem = useSignal("");
  const first = useRef<HTMLDivElement>(null);
  const close = (event: Event) => unlessBusy((event.currentTarget as HTMLElement).closest("dialog"), onClose);
  useEffect(() => first.current?.querySelector<HTMLElement>("input:not(.visually-hidden)")?.focus(), [byMail.value]);

  const send = async (form: HTMLFormElement) => {
    problem.value = "";
    try {
      const one = byMail.value
        ? { email_proof: await emailProof(form) }
        : { current_password: passwordOf(form, "current_password") };
      await act({ ...one, ...(secondFactor && second.proofOf(form)) });
    } catch (error) {
      if (!isOfAnother(error, form)) throw error;
      onOther(error);
    }
  };
  const goByMail = async () => {
    try {
      await sendProofCode(email);
      byMail.value = true;
      problem.value = "";
    } catch (error) {
      problem.value = errorText(error);
    }
  };

  return (
    <Dialog titleId="proof-title" onClose={onClose}>
      <Form onSend={send} check={(form) => (byMail.value ? checkEmailProof(form) : {})}>
        <h2 id="proof-title">{title}</h2>
        <p>{text ?? t("proof.text")}</p>
        <Problem text={problem.value} />
        <div ref={first}>
          {byMail.value ? (
            <EmailProofField email={email} />
          ) : (
            <>
              <AccountOfPassword email={email} />
              <Field name="current_password" id="proof-password" label="field.password" type="password" autocomplete="current-password" maxLength={128} required />
            </>
          )}
        </div>
        {secondFactor && <SecondFactorField second={second} />}
        <SubmitButton class={isDanger ? "button danger" : "button"}>{submit}</SubmitButton>
        <div class="actions">
          {!byMail.value && (
            <BusyButton class="button quiet" onTap={goByMail}>
              {t("proof.no_password")}
            </BusyButton>
          )}
          {secondFactor && <OtherFactorButton second={second} />}
          <button class="button quiet" type="button" onClick={close}>
            {t("close")}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}

/**
 * Asks for the proof, then runs `act` with it. Gives what `act` gave, or null when the person closed the
 * dialog. A wrong proof is told in the dialog; what belongs to another form is thrown.
 */
export async function prove<T>(question: Question, act: (proof: Proof) => Promise<T>): Promise<{ done: T } | null> {
  const place = document.createElement("div");
  document.body.append(place);
  try {
    return await new Promise((resolve, reject) => {
      const run = async (proof: Proof) => resolve({ done: await act(proof) });
      render(<ProofDialog {...question} act={run} onClose={() => resolve(null)} onOther={reject} />, place);
    });
  } finally {
    render(null, place);
    place.remove();
  }
}
