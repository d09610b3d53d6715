// The second step of signing in.

import type { ComponentChildren } from "preact";

import { Form, SubmitButton } from "../kit/form";
import { t } from "../texts/texts";
import { OtherFactorButton, SecondFactorField, useSecondFactor } from "./second-factor-field";
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
  const second = useSecondFactor();
  const send = async (form: HTMLFormElement) => {
    try {
      await signInWithSecondFactor(challenge, second.proofOf(form));
    } catch (error) {
      onRefused?.(error);
      throw error;
    }
    onDone();
  };
  return (
    <Form onSend={send}>
      <h2>{t("second.title")}</h2>
      <SecondFactorField second={second} isFirst />
      <SubmitButton>{t("signin.submit")}</SubmitButton>
      <div class="actions">
        <OtherFactorButton second={second} />
        {children}
      </div>
    </Form>
  );
}
