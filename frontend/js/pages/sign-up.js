// Signing up in three steps on one page: e-mail, code, name and password.

import "../layout.js";
import { ApiError, keysOfPage, post, signIn } from "../api.js";
import { codeSteps, showPasswordButton, stepper } from "../code-step.js";
import { language } from "../i18n.js";
import { startLogin } from "../logins.js";
import { returnPath, signInAddress } from "../session.js";
import { byId, leaveTo, onSubmit } from "../ui.js";

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

onSubmit(profileForm, async () => {
  const { nickname, password } = profileForm.elements;
  const body = { email_proof: proved.proof, nickname: nickname.value.trim(), password: password.value, language: language() };
  try {
    await post("/auth/sign-up", body, { key: keyFor(body) });
  } catch (error) {
    // The proof of the address ran out: it is asked for again.
    if (error instanceof ApiError && error.code === "auth.email_proof_invalid") {
      again(error);
      return;
    }
    throw error;
  }
  await signIn(proved.email, password.value);
  await leaveTo(returnPath());
});

byId("to-sign-in").href = signInAddress();
showPasswordButton(byId("show-password"), profileForm.elements.password);
for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => startLogin(button.dataset.login, returnPath()));
}
