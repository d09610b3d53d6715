// Signing in, then back to where one came from.

import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { ApiError } from "../api/problem";
import { BusyButton } from "../kit/busy-button";
import { Field, Form, SubmitButton, textOf, typed } from "../kit/form";
import { passwordOf } from "../kit/password-field";
import { State, errorText } from "../kit/texts";
import { tabStore } from "../lib/storage";
import { ProviderButtons } from "../session/provider-buttons";
import { NEWS, type Provider, leaveTo, loginFailure, startLogin } from "../session/provider-logins";
import { SecondStep } from "../session/second-step";
import { returnPath, sessionUser, shownUser, signInAddress, takeFragment } from "../session/session";
import { signIn } from "../session/sign-in";
import { t } from "../texts/texts";
import { startPage } from "./start";

const fragment = takeFragment();
const failure = new URLSearchParams(location.search).get("error");

/** What the second step needs, and where it leads. */
const second = signal(fragment.has("challenge") ? { challenge: fragment.get("challenge") ?? "", back: returnPath() } : null);
/** Whether the account is about to be erased: then its owner may change their mind, from the first step on. */
const isWithdrawing = signal(false);
const stayError = signal("");
/** Whether somebody signs in here now, also where somebody is signed in already. */
const hasBegun = signal(false);
const typedEmail = signal(sessionUser()?.email ?? "");

function noteRefusal(error: unknown): void {
  isWithdrawing.value = error instanceof ApiError && error.code === "auth.account_withdrawing";
}

async function attempt(email: string, password: string, stay: boolean, back: string): Promise<void> {
  const needed = await signIn({ email, password, cancel_withdrawal: stay, session_in: "cookie" });
  if (needed === null) await leaveTo(back);
  else {
    isWithdrawing.value = false;
    second.value = { challenge: needed.challenge, back };
  }
}

function Stay({ again }: { again: () => Promise<unknown> }) {
  const stay = async () => {
    const provider = tabStore.get<Provider>("login.provider");
    try {
      await (fragment.has("challenge") && provider ? startLogin(provider, NEWS.stayed, { stay: true }) : again());
    } catch (error) {
      stayError.value = errorText(error);
    }
  };
  return (
    <div class="actions" id="stay">
      <BusyButton class="button quiet" onTap={stay}>
        {t("signin.stay")}
      </BusyButton>
      {stayError.value !== "" && <p class="form-error">{stayError.value}</p>}
    </div>
  );
}

function leaveForProvider(provider: Provider): Promise<never> {
  const stay = failure === "auth.account_withdrawing";
  tabStore.set("login.provider", provider);
  return startLogin(provider, stay ? NEWS.stayed : returnPath(), { stay });
}

/** For a person who is signed in already. */
function Already({ nickname }: { nickname: string }) {
  return (
    <State title={t("signin.already", { nickname })}>
      <a class="button" href={returnPath()}>
        {t("signin.go_on")}
      </a>
      <button id="another" class="button quiet" type="button" onClick={() => (hasBegun.value = true)}>
        {t("signin.another")}
      </button>
    </State>
  );
}

function SignIn() {
  const user = shownUser.value;
  if (user !== null && !hasBegun.value && failure === null && !fragment.has("challenge")) return <Already nickname={user.nickname} />;
  return <SignInForm />;
}

function SignInForm() {
  const tried = useRef({ email: "", password: "" });
  const reason = failure && !fragment.has("challenge") ? loginFailure(failure) : returnPath() === "/" ? "" : t("signin.needed");
  const again = () => attempt(tried.current.email, tried.current.password, true, NEWS.stayed);

  const send = async (form: HTMLFormElement) => {
    tried.current = { email: textOf(form, "email"), password: passwordOf(form) };
    isWithdrawing.value = false;
    hasBegun.value = true;
    try {
      await attempt(tried.current.email, tried.current.password, false, returnPath());
    } catch (error) {
      noteRefusal(error);
      throw error;
    }
  };

  return (
    <div class="narrow">
      <h1>{t("signin.title")}</h1>
      <p id="reason" class={failure ? "form-error" : "message"} role="status" hidden={reason === ""}>
        {reason}
      </p>
      {second.value !== null ? (
        <SecondStep key={second.value.challenge} challenge={second.value.challenge} onDone={() => void leaveTo(second.value?.back ?? "/")} onRefused={noteRefusal} />
      ) : (
        <Form id="form" onSend={send}>
          <Field name="email" label="field.email" type="email" autocomplete="username" inputMode="email" maxLength={254} required value={typedEmail.value} onInput={(event) => (typedEmail.value = typed(event))} />
          <Field name="password" label="field.password" type="password" autocomplete="current-password" maxLength={128} required />
          <SubmitButton class="button large">{t("signin.submit")}</SubmitButton>
        </Form>
      )}
      {isWithdrawing.value && <Stay again={again} />}
      <p class="note">
        {/* Behind the #, where no server sees it. */}
        <a id="to-reset" href={`${signInAddress("/reset-password.html")}#email=${encodeURIComponent(typedEmail.value.trim())}`}>
          {t("reset.forgot")}
        </a>
      </p>
      {second.value === null && <ProviderButtons onTap={leaveForProvider} />}
      <p class="note">
        {t("signin.no_account")}{" "}
        <a id="to-sign-up" href={signInAddress("/sign-up.html")}>
          {t("signup.title")}
        </a>
      </p>
    </div>
  );
}

void startPage(SignIn, {
  ko: () => import("texts:ko:common,forms,signing-in,reset-password,sign-up"),
  en: () => import("texts:en:common,forms,signing-in,reset-password,sign-up"),
});
