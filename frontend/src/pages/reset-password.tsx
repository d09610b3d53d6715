// A new password for a forgotten one, in three steps: the e-mail address, its code, the password.

import { signal } from "@preact/signals";

import { newKey } from "../api/attempts";
import { anyone, take } from "../api/client";
import { ApiError } from "../api/problem";
import { Form, SubmitButton } from "../kit/form";
import { NewPasswordField, passwordOf } from "../kit/password-field";
import { CodeStepsView, Proved, Steps, codeSteps } from "../session/code-steps";
import { leaveTo } from "../session/provider-logins";
import { SecondStep } from "../session/second-step";
import { returnPath, sessionUser, signInAddress, takeFragment } from "../session/session";
import { type SecondFactorNeeded, signIn } from "../session/sign-in";
import { t } from "../texts/texts";
import { startPage } from "./start";

const steps = codeSteps("password_reset", takeFragment().get("email") || sessionUser()?.email);
const second = signal<SecondFactorNeeded | null>(null);
const key = newKey();

/** Sets the password; gives the refusal of the proof, or null. */
async function setPassword(password: string): Promise<ApiError | null> {
  const body = { email_proof: steps.proof.value ?? "", password };
  // The key lets the client ask again when an answer is lost; that it is refused then is dealt with below.
  const headers = { "Idempotency-Key": key };
  try {
    await take(anyone.POST("/auth/password-reset", { headers, body }));
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.code === "auth.email_proof_invalid") return error;
    throw error;
  }
}

async function finish(form: HTMLFormElement): Promise<void> {
  const password = passwordOf(form);
  const refusal = await setPassword(password);
  let needed;
  try {
    // A new password is no way around the second step. A proof is good once: if the answer to its use was
    // lost, the repeat is refused, and yet the password is set.
    needed = await signIn({ email: steps.email.value, password, cancel_withdrawal: false, session_in: "cookie" });
  } catch (error) {
    if (refusal === null || !(error instanceof ApiError) || error.status !== 401) throw error;
    return steps.beginAgain(refusal);
  }
  steps.forget();
  if (needed === null) await leaveTo(returnPath());
  else second.value = needed;
}

function PasswordStep() {
  return (
    <Form id="step-password" onSend={finish}>
      <h2>{t("reset.password_title")}</h2>
      <Proved steps={steps} />
      <NewPasswordField label="reset.password" hint={t("signup.password_hint")} />
      <SubmitButton class="button large">{t("reset.submit")}</SubmitButton>
      <p class="note">{t("reset.note")}</p>
    </Form>
  );
}

function ResetPassword() {
  const needed = second.value;
  return (
    <div class="narrow">
      <h1>{t("reset.title")}</h1>
      {needed !== null ? (
        <SecondStep challenge={needed.challenge} onDone={() => void leaveTo(returnPath())} />
      ) : (
        <>
          <Steps place={steps.place.value} />
          <CodeStepsView steps={steps}>
            <PasswordStep />
          </CodeStepsView>
        </>
      )}
      <p class="note">
        <a id="to-sign-in" href={signInAddress()}>
          {t("signin.title")}
        </a>
      </p>
    </div>
  );
}

void startPage(ResetPassword, {
  ko: () => import("texts:ko:common,forms,code,reset-password,sign-up,signing-in"),
  en: () => import("texts:en:common,forms,code,reset-password,sign-up,signing-in"),
});
