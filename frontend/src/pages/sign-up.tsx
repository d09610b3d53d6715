// Signing up in three steps: the e-mail address, its code, a nickname and a password. A login at a provider
// that has no account yet comes here too, and mostly needs the nickname alone.

import { signal, useSignal } from "@preact/signals";

import { keysOfPage } from "../api/attempts";
import { anyone, take } from "../api/client";
import { ApiError } from "../api/problem";
import { BusyButton } from "../kit/busy-button";
import { Form, SubmitButton, textOf } from "../kit/form";
import { NewPasswordField, passwordOf } from "../kit/password-field";
import { errorText } from "../kit/texts";
import { language } from "../lib/language";
import { tabStore } from "../lib/storage";
import { CodeStepsView, Proved, Steps, codeSteps, forgetCode } from "../session/code-steps";
import { EmailProofField, checkEmailProof, sendProofCode, useEmailProof } from "../session/email-proof";
import { NicknameField } from "../session/nickname-field";
import { ProviderButtons } from "../session/provider-buttons";
import { PROVIDERS, type Provider, leaveTo, startLogin } from "../session/provider-logins";
import { SecondStep } from "../session/second-step";
import { returnPath, signInAddress, takeFragment } from "../session/session";
import { type SecondFactorNeeded, completeLogin, signIn } from "../session/sign-in";
import { t } from "../texts/texts";
import { startPage } from "./start";

const COMPLETION = "login.completion";

/** What a login at a provider brought along, when there is no account for it yet; after a reload too. */
function takeLogin(): URLSearchParams {
  const fragment = takeFragment();
  if (fragment.has("completion")) {
    forgetCode();
    tabStore.set(COMPLETION, fragment.toString());
    // A reload keeps this mark; a person who comes to the page anew begins anew.
    history.replaceState("completion", "");
    return fragment;
  }
  return new URLSearchParams((history.state === "completion" && tabStore.get<string>(COMPLETION)) || "");
}

const login = takeLogin();
const completion = login.get("completion");
/** The address that the provider vouches for. */
const vouched = login.get("email");
const steps = codeSteps("sign_up");
const keyFor = keysOfPage();

/** The account that the login can be linked to, because its address is taken. */
const linkable = signal<string | null>(null);
const second = signal<SecondFactorNeeded | null>(null);

async function signUp(nickname: string, password: string): Promise<SecondFactorNeeded | null> {
  const body = { email_proof: steps.proof.value ?? "", nickname, password, language: language() };
  await take(anyone.POST("/auth/sign-up", { params: { header: { "Idempotency-Key": keyFor(body) } }, body }));
  return signIn({ email: steps.email.value, password, cancel_withdrawal: false, session_in: "cookie" });
}

async function signedIn(needed: SecondFactorNeeded | null): Promise<void> {
  steps.forget();
  tabStore.remove(COMPLETION);
  if (needed === null) await leaveTo(returnPath());
  else second.value = needed;
}

async function finish(form: HTMLFormElement): Promise<void> {
  const nickname = textOf(form, "nickname");
  const proof = steps.proof.value;
  linkable.value = null;
  let needed;
  try {
    needed =
      completion === null
        ? await signUp(nickname, passwordOf(form))
        : await completeLogin({ completion, nickname, language: language(), session_in: "cookie", ...(proof && { email_proof: proof }) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // The proof of the address ran out: it is asked for again.
    if (error.code === "auth.email_proof_invalid") return steps.beginAgain(error);
    if (error.code === "auth.completion_invalid") tabStore.remove(COMPLETION);
    if (error.code === "auth.email_taken") {
      if (completion !== null) linkable.value = proof === null ? vouched : steps.email.value;
      // There is nothing more to do with this address here.
      else steps.forget();
    }
    throw error;
  }
  await signedIn(needed);
}

/** The address has an account: a person who reads its mails may link the login to it. */
function OfferToLink({ email, onSent }: { email: string; onSent: () => void }) {
  const problem = useSignal("");
  const send = async () => {
    try {
      await sendProofCode(email);
      onSent();
    } catch (error) {
      problem.value = errorText(error);
    }
  };
  return (
    <div class="actions" id="link">
      <BusyButton class="button quiet" onTap={send}>
        {t("login.link")}
      </BusyButton>
      {problem.value !== "" && <p class="form-error">{problem}</p>}
    </div>
  );
}

function LinkForm({ email }: { email: string }) {
  const proofOf = useEmailProof(email);
  const link = async (form: HTMLFormElement) =>
    signedIn(await completeLogin({ completion: completion ?? "", account_proof: await proofOf(form), session_in: "cookie" }));
  return (
    <Form id="step-link" check={checkEmailProof} onSend={link}>
      <h2>{t("login.link")}</h2>
      <EmailProofField email={email} />
      <SubmitButton class="button large">{t("login.link_submit")}</SubmitButton>
    </Form>
  );
}

function ProfileStep() {
  const isLinking = useSignal(false);
  const email = linkable.value;
  if (isLinking.value && email !== null) return <LinkForm email={email} />;
  return (
    <Form id="step-profile" onSend={finish}>
      <h2>{t("signup.profile_title")}</h2>
      {vouched === null && <Proved steps={steps} />}
      {email !== null && <OfferToLink email={email} onSent={() => (isLinking.value = true)} />}
      <NicknameField known={login.get("nickname") ?? ""} />
      {completion === null && <NewPasswordField label="field.password" hint={t("signup.password_hint")} />}
      <SubmitButton class="button large">{t("signup.submit")}</SubmitButton>
    </Form>
  );
}

function LoginNews() {
  if (completion === null) return null;
  const provider = PROVIDERS[login.get("provider") as Provider] ?? "";
  return (
    <p id="news" class="message" role="status">
      {t(vouched === null ? "login.complete_email" : "login.complete", { provider })}
    </p>
  );
}

function SignUp() {
  const needed = second.value;
  if (needed !== null) {
    return (
      <div class="narrow">
        <SecondStep challenge={needed.challenge} onDone={() => void leaveTo(returnPath())} />
      </div>
    );
  }
  return (
    <div class="narrow">
      <h1>{t("signup.title")}</h1>
      <LoginNews />
      <Steps place={vouched === null ? steps.place.value : 2} />
      {vouched === null ? (
        <CodeStepsView steps={steps}>
          <ProfileStep />
        </CodeStepsView>
      ) : (
        <ProfileStep />
      )}
      {completion === null && <ProviderButtons onTap={(provider) => startLogin(provider, returnPath())} />}
      <p class="note">
        {t("signup.have_account")}{" "}
        <a id="to-sign-in" href={signInAddress()}>
          {t("signin.title")}
        </a>
      </p>
    </div>
  );
}

void startPage(SignUp, {
  ko: () => import("texts:ko:common,forms,code,sign-up,signing-in"),
  en: () => import("texts:en:common,forms,code,sign-up,signing-in"),
});
