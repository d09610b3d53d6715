// A new password, which can be shown.

import { useSignal } from "@preact/signals";

import type { TextKey } from "../texts/keys";
import { t } from "../texts/texts";
import { Field } from "./form";

/** As in the API (NIST SP 800-63B, 5.1.1.2: at least eight characters, and room for long ones). */
const [LEAST, MOST] = [8, 128];

interface Props {
  label: TextKey;
  id?: string;
  hint?: string;
}

export function NewPasswordField({ label, id, hint }: Props) {
  const isShown = useSignal(false);
  const show = (
    <button class="button quiet" type="button" aria-pressed={isShown.value} aria-controls={id ?? "password"} onClick={() => (isShown.value = !isShown.value)}>
      {t(isShown.value ? "password.hide" : "password.show")}
    </button>
  );
  return (
    <Field
      name="password"
      id={id}
      label={label}
      hint={hint}
      type={isShown.value ? "text" : "password"}
      button={show}
      autocomplete="new-password"
      minLength={LEAST}
      maxLength={MOST}
      required
    />
  );
}

/** A password as it was typed: its spaces count. */
export function passwordOf(form: HTMLFormElement, name = "password"): string {
  return (form.elements.namedItem(name) as HTMLInputElement).value;
}

/** Tells a password manager of which account the password is. Nobody sees it. */
export function AccountOfPassword({ email }: { email: string }) {
  return <input class="visually-hidden" name="username" type="text" autocomplete="username" tabIndex={-1} aria-hidden="true" readOnly value={email} />;
}
