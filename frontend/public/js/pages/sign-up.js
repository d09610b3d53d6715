// Signing up in three steps on one page: e-mail, code, name and password.

import "../layout.js";
import { ApiError, completeLogin, keysOfPage, post, signIn } from "../api.js";
import { codeSteps, forgetCodeStep, showPasswordButton, stepper } from "../code-step.js";
import { emailProofField, sendProofCode } from "../email-proof.js";
import { language, t } from "../i18n.js";
import { PROVIDERS, startLogin } from "../logins.js";
import { secondStepForm } from "../second-step.js";
import { returnPath, signInAddress, takeFragment } from "../session.js";
import { tabStore } from "../storage.js";
import { byId, h, leaveTo, onSubmit, onTap, say } from "../ui.js";

/** What a login at a provider brought along, when there is no account for it yet; after a reload too. */
function takeLogin() {
  const fragment = takeFragment();
  if (fragment.has("completion")) {
    forgetCodeStep();
    tabStore.set("login.completion", fragment.toString());
    // A reload keeps this mark; who comes to the page anew begins anew.
    history.replaceState("completion", "");
    return fragment;
  }
  return new URLSearchParams((history.state === "completion" && tabStore.get("login.completion")) || "");
}

const login = takeLogin();
const isCompletion = login.has("completion");
const profileForm = byId("step-profile");
const show = stepper([byId("step-email"), byId("step-code"), profileForm]);
const keyFor = keysOfPage();
let proved = null;

const again = codeSteps({
  purpose: "sign_up",
  show,
  proved: (answer) => {
    proved = answer;
    profileForm.elements.username.value = answer.email;
    show(2);
  },
});

async function signUp() {
  const { nickname, password } = profileForm.elements;
  const body = { email_proof: proved.proof, nickname: nickname.value.trim(), password: password.value, language: language() };
  await post("/auth/sign-up", body, { key: keyFor(body) });
  return signIn(proved.email, password.value);
}

function complete() {
  const body = { completion: login.get("completion"), nickname: profileForm.elements.nickname.value.trim(), language: language() };
  return completeLogin(proved ? { ...body, email_proof: proved.proof } : body);
}

const goOn = () => leaveTo(returnPath());

async function signedIn(needed, form) {
  forgetCodeStep();
  tabStore.remove("login.completion");
  if (needed === null) await goOn();
  else form.replaceWith(secondStepForm(needed.challenge, goOn));
}

/** The address has an account: whoever reads its mails may link the login to it. */
function offerToLink() {
  byId("link")?.remove();
  const email = proved?.email ?? login.get("email");
  const error = profileForm.querySelector(".form-error");
  const button = h("button", { class: "button quiet", type: "button" }, t("login.link"));
  onTap(button, error, async () => {
    await sendProofCode(email);
    const form = linkForm(email);
    profileForm.replaceWith(form);
    form.elements.email_code.focus();
  });
  error.after(h("div", { class: "actions", id: "link" }, button));
}

function linkForm(email) {
  const { part, proof } = emailProofField(email);
  const form = h("form", { class: "form", novalidate: true },
    h("h2", {}, t("login.link")),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    part,
    h("button", { class: "button large", type: "submit" }, t("login.link_submit")));
  onSubmit(form, async () => {
    await signedIn(await completeLogin({ completion: login.get("completion"), account_proof: await proof() }), form);
  });
  return form;
}

onSubmit(profileForm, async () => {
  byId("link")?.remove();
  let needed;
  try {
    needed = await (isCompletion ? complete() : signUp());
  } catch (error) {
    // The proof of the address ran out: it is asked for again.
    if (error instanceof ApiError && error.code === "auth.email_proof_invalid") {
      again(error);
      return;
    }
    if (error.code === "auth.completion_invalid") tabStore.remove("login.completion");
    if (error.code === "auth.email_taken") {
      if (isCompletion) offerToLink();
      // There is nothing more to do with this address here.
      else forgetCodeStep();
    }
    throw error;
  }
  await signedIn(needed, profileForm);
});

if (isCompletion) {
  // The provider has proved who it is, so there is no password; and mostly the address too.
  byId("password-field").remove();
  byId("logins").hidden = true;
  const provider = PROVIDERS[login.get("provider")] ?? "";
  say(byId("news"), t(login.has("email") ? "login.complete" : "login.complete_email", { provider }));
  profileForm.elements.nickname.value = login.get("nickname") ?? "";
  if (login.has("email")) {
    byId("proved").hidden = true;
    show(2);
  }
}

byId("to-sign-in").href = signInAddress();
if (!isCompletion) showPasswordButton(byId("show-password"), profileForm.elements.password);
for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => startLogin(button.dataset.login, returnPath()));
}
