// The second step of signing in: a code of the authenticator app, or one of the recovery codes.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Field, Form, SubmitButton, textOf } from "../kit/form";
import { t } from "../texts/texts";
import { signInWithSecondFactor } from "./sign-in";

interface Props {
  challenge: string;
  /** The person is signed in. */
  onDone: () => void;
  /** The API refused; a challenge holds for five minutes, and then the first step comes again. */
  onRefused?: (error: unknown) => void;
  children?: ComponentChildren;
}

export function SecondStep({ challenge, onDone, onRefused, children }: Props) {
  const usesRecovery = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.querySelector("input")?.focus(), [usesRecovery.value]);

  const send = async (form: HTMLFormElement) => {
    try {
      await signInWithSecondFactor(
        challenge,
        usesRecovery.value ? { recovery_code: textOf(form, "recovery_code") } : { code: textOf(form, "code").replace(/\s/g, "") },
      );
    } catch (error) {
      onRefused?.(error);
      throw error;
    }
    onDone();
  };

  return (
    <Form onSend={send}>
      <h2>{t("second.title")}</h2>
      <div ref={place}>
        {usesRecovery.value ? (
          <Field key="recovery" id="second-code" name="recovery_code" label="second.recovery_code" hint={t("second.recovery_hint")} autocomplete="off" maxLength={40} required />
        ) : (
          <Field key="app" id="second-code" name="code" label="second.code" hint={t("second.hint")} autocomplete="one-time-code" inputMode="numeric" maxLength={7} required />
        )}
      </div>
      <SubmitButton>{t("signin.submit")}</SubmitButton>
      <div class="actions">
        <button class="button quiet" type="button" onClick={() => (usesRecovery.value = !usesRecovery.value)}>
          {t(usesRecovery.value ? "second.use_app" : "second.use_recovery")}
        </button>
        {children}
      </div>
    </Form>
  );
}
