// Signing in, then back to where one came from.

import "../layout.js";
import { ApiError, signIn } from "../api.js";
import { t } from "../i18n.js";
import { loginFailure, NEWS, startLogin } from "../logins.js";
import { secondStepForm } from "../second-step.js";
import { returnPath, sessionUser, signInAddress, takeFragment } from "../session.js";
import { tabStore } from "../storage.js";
import { byId, h, leaveTo, onSubmit, onTap, say } from "../ui.js";

const fragment = takeFragment();
const form = byId("form");
form.elements.email.value = sessionUser()?.email ?? "";
byId("to-sign-up").href = signInAddress("/sign-up.html");
byId("to-reset").href = signInAddress("/reset-password.html");
if (returnPath() !== "/") say(byId("reason"), t("signin.needed"));

/** The form that is on the page: that of the first step, or one of the second. */
let shown = form;

function showSecondStep(challenge, back) {
  const step = secondStepForm(challenge, () => leaveTo(back), [], offerToStay);
  shown.replaceWith(step);
  shown = step;
  byId("logins").hidden = true;
  step.elements.code.focus();
}

async function attempt(more, back) {
  const needed = await signIn(form.elements.email.value.trim(), form.elements.password.value, more);
  if (needed) showSecondStep(needed.challenge, back);
  else await leaveTo(back);
}

/** If the account is about to be erased, its owner may change their mind: from the first step on. */
function offerToStay(error) {
  byId("stay")?.remove();
  if (!(error instanceof ApiError) || error.code !== "auth.account_withdrawing") return;
  const button = h("button", { class: "button quiet", type: "button" }, t("signin.stay"));
  const message = shown.querySelector(".form-error");
  onTap(button, message, stay);
  message.after(h("div", { class: "actions", id: "stay" }, button));
}

/** Signs in again by the way that led here, and takes the withdrawal back. */
function stay() {
  const provider = tabStore.get("login.provider");
  if (fragment.has("challenge") && provider) return startLogin(provider, NEWS.stayed, { stay: true });
  return attempt({ cancel_withdrawal: true }, NEWS.stayed);
}

onSubmit(form, async () => {
  byId("stay")?.remove();
  try {
    await attempt({}, returnPath());
  } catch (error) {
    offerToStay(error);
    throw error;
  }
});

// Back from a provider's login: with the second step, or with a reason why not.
const failure = new URLSearchParams(location.search).get("error");
for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => {
    tabStore.set("login.provider", button.dataset.login);
    const stay = failure === "auth.account_withdrawing";
    return startLogin(button.dataset.login, stay ? NEWS.stayed : returnPath(), { stay });
  });
}
if (fragment.has("challenge")) showSecondStep(fragment.get("challenge"), returnPath());
else if (failure) say(byId("reason"), loginFailure(failure));
