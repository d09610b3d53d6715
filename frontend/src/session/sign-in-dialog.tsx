// Asks to sign in again without leaving the page, so that a half-written listing is not lost when the
// session has ended meanwhile. Loaded when it is needed.

import { useSignal } from "@preact/signals";
import { render } from "preact";

import type { SignInOutcome } from "../api/client";
import { Dialog, unlessBusy } from "../kit/dialog";
import { Field, Form, SubmitButton, textOf } from "../kit/form";
import { passwordOf } from "../kit/password-field";
import { language } from "../lib/language";
import { addTexts, t } from "../texts/texts";
import { SecondStep } from "./second-step";
import { pageUser, signInAddress } from "./session";
import { type SecondFactorNeeded, signIn } from "./sign-in";

interface Props {
  guestAllowed: boolean;
  onEnd: (outcome: SignInOutcome) => void;
}

function SignInDialog({ guestAllowed, onEnd }: Props) {
  const needed = useSignal<SecondFactorNeeded | null>(null);
  const leave = (outcome: SignInOutcome) => (event: Event) =>
    unlessBusy((event.currentTarget as HTMLElement).closest("dialog"), () => onEnd(outcome));
  const close = (
    <button class="button quiet" type="button" onClick={leave("closed")}>
      {t("close")}
    </button>
  );
  const send = async (form: HTMLFormElement) => {
    needed.value = await signIn({ email: textOf(form, "email"), password: passwordOf(form), cancel_withdrawal: false, session_in: "cookie" });
    if (needed.value === null) onEnd("signed_in");
  };
  return (
    <Dialog titleId="again-title" onClose={() => onEnd("closed")}>
      <h2 id="again-title">{t("signin.title")}</h2>
      {needed.value !== null ? (
        <SecondStep challenge={needed.value.challenge} onDone={() => onEnd("signed_in")}>
          {close}
        </SecondStep>
      ) : (
        <Form onSend={send}>
          <p>{t(pageUser() ? "signin.again" : "signin.needed")}</p>
          <Field id="again-email" name="email" label="field.email" type="email" autocomplete="username" required defaultValue={pageUser()?.email ?? ""} />
          <Field id="again-password" name="password" label="field.password" type="password" autocomplete="current-password" required autofocus />
          <div class="actions">
            <SubmitButton>{t("signin.submit")}</SubmitButton>
            {guestAllowed && (
              <button class="button quiet" type="button" onClick={leave("guest")}>
                {t("signin.as_guest")}
              </button>
            )}
            {close}
          </div>
          {/* For a person who has no password, or has forgotten it: that page has every way in. */}
          <p class="note">
            <a href={signInAddress()}>{t("signin.other_ways")}</a>
          </p>
        </Form>
      )}
    </Dialog>
  );
}

let open: Promise<SignInOutcome> | null = null;

/** Opens the dialog, or joins the one that is open, and gives its outcome. */
export async function askToSignIn(guestAllowed: boolean): Promise<SignInOutcome> {
  open ??= show(guestAllowed).finally(() => {
    open = null;
  });
  return open;
}

async function show(guestAllowed: boolean): Promise<SignInOutcome> {
  const texts = { ko: () => import("texts:ko:forms,signing-in"), en: () => import("texts:en:forms,signing-in") };
  addTexts((await texts[language()]()).default);
  const place = document.createElement("div");
  document.body.append(place);
  const outcome = await new Promise<SignInOutcome>((resolve) => {
    render(<SignInDialog guestAllowed={guestAllowed} onEnd={resolve} />, place);
  });
  render(null, place);
  place.remove();
  return outcome;
}
