// Signing in, then back to where one came from.

import "../layout.js";
import { ApiError, signIn } from "../api.js";
import { t } from "../i18n.js";
import { loginFailure, startLogin } from "../logins.js";
import { secondStepForm } from "../second-step.js";
import { returnPath, sessionUser, signInAddress, takeFragment } from "../session.js";
import { byId, h, leaveTo, onSubmit, say, whileBusy } from "../ui.js";

const fragment = takeFragment();
const form = byId("form");
form.elements.email.value = sessionUser()?.email ?? "";
byId("to-sign-up").href = signInAddress("/sign-up.html");
byId("to-reset").href = signInAddress("/reset-password.html");
if (returnPath() !== "/") say(byId("reason"), t("signin.needed"));

const goOn = () => leaveTo(returnPath());

function showSecondStep(challenge) {
  const step = secondStepForm(challenge, goOn);
  form.replaceWith(step);
  byId("logins").hidden = true;
  step.elements.code.focus();
}

async function attempt(more) {
  const needed = await signIn(form.elements.email.value.trim(), form.elements.password.value, more);
  if (needed) showSecondStep(needed.challenge);
  else await goOn();
}

/** The account is about to be erased: its owner may change their mind. */
function offerToStay() {
  const button = h("button", { class: "button quiet", type: "button" }, t("signin.stay"));
  button.addEventListener("click", () => whileBusy(button, () => attempt({ cancel_withdrawal: true })));
  form.querySelector(".form-error").after(h("div", { class: "actions", id: "stay" }, button));
}

onSubmit(form, async () => {
  byId("stay")?.remove();
  try {
    await attempt({});
  } catch (error) {
    if (error instanceof ApiError && error.code === "auth.account_withdrawing") offerToStay();
    throw error;
  }
});

for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => startLogin(button.dataset.login, returnPath()));
}

// Back from a provider's login: with the second step, or with a reason why not.
const failure = new URLSearchParams(location.search).get("error");
if (fragment.has("challenge")) showSecondStep(fragment.get("challenge"));
else if (failure) say(byId("reason"), loginFailure(failure));
