// Signing up in three steps on one page: e-mail, code, name and password.

import "../layout.js";
import { ApiError, keysOfPage, post, signIn } from "../api.js";
import { language, t } from "../i18n.js";
import { hasLocalCloud } from "../local.js";
import { returnPath, signInAddress } from "../session.js";
import { byId, countdown, errorText, leaveTo, onSubmit, say, whileBusy } from "../ui.js";

const steps = [byId("step-email"), byId("step-code"), byId("step-profile")];
const [emailForm, codeForm, profileForm] = steps;
const resend = byId("resend");
const keyFor = keysOfPage();
let email = "";
let proof = null;
let stopCountdowns = [];

function sayStep(number) {
  byId("progress").textContent = t("signup.step", { number: number + 1 });
}

function showStep(number) {
  steps.forEach((step, index) => { step.hidden = index !== number; });
  sayStep(number);
  byId("progress-bar").value = number + 1;
  steps[number].querySelector("input:not([type=hidden])").focus();
}

function startCountdowns({ expires_at: expiresAt, resend_after: resendAfter }) {
  stopCountdowns.forEach((stop) => stop());
  resend.setAttribute("aria-disabled", "true");
  stopCountdowns = [
    countdown(expiresAt,
      (time) => { byId("code-left").textContent = t("signup.code_left", { time }); },
      () => { byId("code-left").textContent = t("signup.code_over"); }),
    countdown(resendAfter,
      (time) => { resend.textContent = t("signup.resend_in", { time }); },
      () => {
        resend.textContent = t("signup.resend");
        resend.removeAttribute("aria-disabled");
      }),
  ];
}

async function sendCode() {
  const answer = await post("/auth/email-codes", { email, purpose: "sign_up" });
  byId("code-sent").textContent = t("signup.code_sent", { email });
  startCountdowns(answer);
}

onSubmit(emailForm, async () => {
  email = emailForm.elements.email.value.trim();
  await sendCode();
  codeForm.reset();
  showStep(1);
  byId("mailbox").hidden = !(await hasLocalCloud());
});

onSubmit(codeForm, async () => {
  const code = codeForm.elements.code.value.trim();
  const answer = await post("/auth/email-codes/verify", { email, purpose: "sign_up", code });
  proof = answer.email_proof;
  profileForm.elements.username.value = email;
  showStep(2);
});

resend.addEventListener("click", () => {
  if (resend.getAttribute("aria-disabled") === "true") return;
  const message = codeForm.querySelector(".form-error");
  whileBusy(resend, async () => {
    try {
      await sendCode();
      codeForm.reset();
      say(message, "");
      say(byId("code-news"), t("signup.resent"));
      codeForm.elements.code.focus();
    } catch (error) {
      say(message, errorText(error));
    }
  }).then(() => {
    // The new code's own minute has begun.
    if (resend.textContent !== t("signup.resend")) resend.setAttribute("aria-disabled", "true");
  });
});

byId("change-email").addEventListener("click", () => showStep(0));

onSubmit(profileForm, async () => {
  const { nickname, password } = profileForm.elements;
  const body = { email_proof: proof, nickname: nickname.value.trim(), password: password.value, language: language() };
  try {
    await post("/auth/sign-up", body, { key: keyFor(body) });
  } catch (error) {
    // The proof of the address ran out: it is asked for again.
    if (error instanceof ApiError && error.code === "auth.email_proof_invalid") {
      showStep(0);
      say(emailForm.querySelector(".form-error"), error.message);
      return;
    }
    throw error;
  }
  await signIn(email, password.value);
  await leaveTo(returnPath());
});

byId("to-sign-in").href = signInAddress();
sayStep(0);

byId("show-password").addEventListener("click", (event) => {
  const { password } = profileForm.elements;
  const shown = password.type === "text";
  password.type = shown ? "password" : "text";
  event.currentTarget.textContent = t(shown ? "password.show" : "password.hide");
  event.currentTarget.setAttribute("aria-pressed", String(!shown));
});
