// A new password for a forgotten one, in three steps: e-mail, code, password.

import "../layout.js";
import { ApiError, newKey, post, signIn } from "../api.js";
import { codeSteps, forgetCodeStep, showPasswordButton, stepper } from "../code-step.js";
import { secondStepForm } from "../second-step.js";
import { returnPath, sessionUser, signInAddress } from "../session.js";
import { byId, leaveTo, onSubmit } from "../ui.js";

const passwordForm = byId("step-password");
const show = stepper([byId("step-email"), byId("step-code"), passwordForm]);
let proved = null;
byId("step-email").elements.email.value = sessionUser()?.email ?? "";

const again = codeSteps({
  purpose: "password_reset",
  show,
  proved: (answer) => {
    proved = answer;
    passwordForm.elements.username.value = answer.email;
    show(2);
  },
});

const goOn = () => leaveTo(returnPath());
const key = newKey();

/** Sets the password; gives the refusal of the proof, or null. */
async function setPassword(password) {
  try {
    await post("/auth/password-reset", { email_proof: proved.proof, password }, { key });
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.code === "auth.email_proof_invalid") return error;
    throw error;
  }
}

onSubmit(passwordForm, async () => {
  const password = passwordForm.elements.password.value;
  const refusal = await setPassword(password);
  let needed;
  try {
    // A new password is no way around the second step. A proof is good once: if
    // the answer to its use was lost, the repeat is refused, and yet the password is set.
    needed = await signIn(proved.email, password);
  } catch (error) {
    if (refusal === null || error.status !== 401) throw error;
    again(refusal);
    return;
  }
  forgetCodeStep();
  if (needed === null) await goOn();
  else passwordForm.replaceWith(secondStepForm(needed.challenge, goOn));
});

byId("to-sign-in").href = signInAddress();
showPasswordButton(byId("show-password"), passwordForm.elements.password);
