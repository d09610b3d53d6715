// A code by e-mail, and the proof of the address that it earns: the two forms
// that signing up and setting a new password share.

import { post } from "./api.js";
import { t } from "./i18n.js";
import { hasLocalCloud } from "./local.js";
import { byId, countdown, errorText, onSubmit, say, whileBusy } from "./ui.js";

/**
 * Drives the forms `step-email` and `step-code` of a page. `show(step)` shows
 * one of the page's steps; `proved({ email, proof })` runs when the code was
 * right.
 */
export function codeSteps({ purpose, show, proved }) {
  const [emailForm, codeForm, resend] = [byId("step-email"), byId("step-code"), byId("resend")];
  let email = "";
  let stopCountdowns = [];

  const startCountdowns = ({ expires_at: expiresAt, resend_after: resendAfter }) => {
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
  };
  const sendCode = async () => {
    const answer = await post("/auth/email-codes", { email, purpose });
    byId("code-sent").textContent = t("signup.code_sent", { email });
    startCountdowns(answer);
  };

  onSubmit(emailForm, async () => {
    email = emailForm.elements.email.value.trim();
    await sendCode();
    codeForm.reset();
    show(1);
    byId("mailbox").hidden = !(await hasLocalCloud());
  });

  onSubmit(codeForm, async () => {
    const code = codeForm.elements.code.value.trim();
    const answer = await post("/auth/email-codes/verify", { email, purpose, code });
    await proved({ email, proof: answer.email_proof });
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

  byId("change-email").addEventListener("click", () => show(0));

  /** Back to the first step, because the proof ran out. */
  return (error) => {
    show(0);
    say(emailForm.querySelector(".form-error"), error.message);
  };
}

/** Shows one of the steps of a page and puts the cursor into it. */
export function stepper(steps) {
  const sayStep = (number) => { byId("progress").textContent = t("signup.step", { number: number + 1 }); };
  sayStep(0);
  return (number) => {
    steps.forEach((step, index) => { step.hidden = index !== number; });
    sayStep(number);
    byId("progress-bar").value = number + 1;
    steps[number].querySelector("input:not([type=hidden])").focus();
  };
}

/** The button beside a password that shows it. */
export function showPasswordButton(button, input) {
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = t(shown ? "password.show" : "password.hide");
    button.setAttribute("aria-pressed", String(!shown));
  });
}
