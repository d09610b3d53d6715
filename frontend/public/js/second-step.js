// The second step of signing in: a code of the authenticator app, or one of the
// recovery codes.

import { signInWithSecondFactor } from "./api.js";
import { t } from "./i18n.js";
import { clearErrors, h, onSubmit } from "./ui.js";

/**
 * A field for a code of the app, which `other` turns into one for a recovery
 * code and back. `proof()` is what the API wants to know of it.
 */
export function secondFactorField({ autofocus = false } = {}) {
  let usesRecovery = false;
  const label = h("label", { for: "second-code" });
  const hint = h("p", { class: "hint", id: "second-hint" });
  const input = h("input", { id: "second-code", required: true, autofocus, "aria-describedby": "second-hint" });
  const other = h("button", { class: "button quiet", type: "button" });
  const show = (recovery) => {
    usesRecovery = recovery;
    input.value = "";
    // What was wrong was a code of the other kind.
    if (input.form) clearErrors(input.form);
    for (const [name, value] of Object.entries(recovery
      ? { name: "recovery_code", autocomplete: "off", inputmode: "text", maxlength: "40" }
      : { name: "code", autocomplete: "one-time-code", inputmode: "numeric", maxlength: "7" })) input.setAttribute(name, value);
    label.textContent = t(recovery ? "second.recovery_code" : "second.code");
    hint.textContent = t(recovery ? "second.recovery_hint" : "second.hint");
    other.textContent = t(recovery ? "second.use_app" : "second.use_recovery");
  };
  show(false);
  other.addEventListener("click", () => {
    show(!usesRecovery);
    input.focus();
  });
  return {
    field: h("div", { class: "field" }, label, hint, input),
    other,
    proof: () => usesRecovery ? { recovery_code: input.value.trim() } : { code: input.value.replace(/\s/g, "") },
  };
}

/**
 * A form for the second step; `done()` runs when the person is signed in, and
 * `failed(error)` when the API refused. A challenge holds for five minutes;
 * then the API says so, and the page begins again with the first step.
 */
export function secondStepForm(challenge, done, extra = [], failed = () => null) {
  const { field, other, proof } = secondFactorField({ autofocus: true });
  const form = h("form", { class: "form", novalidate: true },
    h("h2", {}, t("second.title")),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    field,
    h("button", { class: "button large", type: "submit" }, t("signin.submit")),
    h("div", { class: "actions" }, other, extra));
  onSubmit(form, async () => {
    try {
      await signInWithSecondFactor(challenge, proof());
    } catch (error) {
      failed(error);
      throw error;
    }
    await done();
  });
  return form;
}
