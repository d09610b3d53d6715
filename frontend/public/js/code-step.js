// A code by e-mail, and the proof of the address that it earns: the two forms
// that signing up and setting a new password share.

import { post, serverNow } from "./api.js";
import { t } from "./i18n.js";
import { hasLocalCloud } from "./local.js";
import { tabStore } from "./storage.js";
import { byId, clearErrors, countdown, errorText, onSubmit, say, whileBusy } from "./ui.js";

/** What is kept of a code for this purpose, or of the proof that it earned, while that is good. */
function keptFor(purpose) {
  const kept = tabStore.get("code_step");
  return kept?.purpose === purpose && Date.parse(kept.expires_at) > serverNow() ? kept : null;
}

/** The address is proved and what it was for is done. */
export function forgetCodeStep() {
  tabStore.remove("code_step");
}

/**
 * Drives the forms `step-email` and `step-code` of a page. `show(step)` shows
 * one of the page's steps; `proved({ email, proof })` runs when the code was
 * right. Phones drop tabs while people look for their mail, and a new code may
 * not be had at once: so the page goes on where it was.
 */
export function codeSteps({ purpose, show, proved }) {
  const [emailForm, codeForm, resend] = [byId("step-email"), byId("step-code"), byId("resend")];
  let email = "";
  let stopCountdowns = [];

  const keep = (known) => tabStore.set("code_step", { email, purpose, ...known });

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
  const startWaiting = (sent) => {
    byId("code-sent").textContent = t("signup.code_sent", { email });
    startCountdowns(sent);
  };
  const sendCode = async () => {
    const sent = await post("/auth/email-codes", { email, purpose });
    keep(sent);
    startWaiting(sent);
  };
  /** The code that was sent a moment ago holds, also when this tab does not know how long. */
  const waitForEarlierCode = (error) => {
    if (error.code !== "auth.code_too_soon") throw error;
    const kept = keptFor(purpose);
    if (kept?.email === email && kept.resend_after) startWaiting(kept);
    else {
      stopCountdowns.forEach((stop) => stop());
      byId("code-sent").textContent = t("signup.code_earlier", { email });
      byId("code-left").textContent = "";
      resend.textContent = t("signup.resend");
      resend.removeAttribute("aria-disabled");
    }
  };
  const showCodeStep = async () => {
    codeForm.reset();
    clearErrors(codeForm);
    say(byId("code-news"), "");
    show(1);
    byId("mailbox").hidden = !(await hasLocalCloud());
  };

  const showProved = ({ proof }) => {
    byId("proved-email").textContent = email;
    proved({ email, proof });
  };

  onSubmit(emailForm, async () => {
    email = emailForm.elements.email.value.trim();
    const known = keptFor(purpose);
    if (known?.email === email && known.proof) {
      showProved(known);
      return;
    }
    await sendCode().catch(waitForEarlierCode);
    await showCodeStep();
  });

  onSubmit(codeForm, async () => {
    const code = codeForm.elements.code.value.trim();
    const answer = await post("/auth/email-codes/verify", { email, purpose, code });
    const earned = { expires_at: answer.expires_at, proof: answer.email_proof };
    keep(earned);
    showProved(earned);
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

  for (const button of document.querySelectorAll("[data-change-email]")) button.addEventListener("click", () => show(0));

  const kept = keptFor(purpose);
  if (kept !== null) {
    email = kept.email;
    emailForm.elements.email.value = email;
    if (kept.proof) showProved(kept);
    else {
      startWaiting(kept);
      showCodeStep();
    }
  }

  /** Back to the first step, because the proof ran out. */
  return (error) => {
    forgetCodeStep();
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
