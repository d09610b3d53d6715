// The second step of signing in: a code of the authenticator app, or one of the
// recovery codes.

import { signInWithSecondFactor } from "./api.js";
import { t } from "./i18n.js";
import { h, onSubmit } from "./ui.js";

/**
 * A form for the second step; `done()` runs when the person is signed in. A
 * challenge holds for five minutes; then the API says so, and the page begins
 * again with the first step.
 */
export function secondStepForm(challenge, done, extra = []) {
  let usesRecovery = false;
  const label = h("label", { for: "second-code" });
  const hint = h("p", { class: "hint", id: "second-hint" });
  const input = h("input", { id: "second-code", name: "code", required: true, autofocus: true, "aria-describedby": "second-hint" });
  const other = h("button", { class: "button quiet", type: "button", on: { click: () => show(!usesRecovery) } });
  const show = (recovery) => {
    usesRecovery = recovery;
    input.value = "";
    for (const [name, value] of Object.entries(recovery
      ? { autocomplete: "off", inputmode: "text", maxlength: "40" }
      : { autocomplete: "one-time-code", inputmode: "numeric", maxlength: "7" })) input.setAttribute(name, value);
    label.textContent = t(recovery ? "second.recovery_code" : "second.code");
    hint.textContent = t(recovery ? "second.recovery_hint" : "second.hint");
    other.textContent = t(recovery ? "second.use_app" : "second.use_recovery");
    input.focus();
  };
  const form = h("form", { class: "form", novalidate: true },
    h("h2", {}, t("second.title")),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    h("div", { class: "field" }, label, hint, input),
    h("button", { class: "button large", type: "submit" }, t("signin.submit")),
    h("div", { class: "actions" }, other, extra));
  onSubmit(form, async () => {
    const code = input.value.trim();
    await signInWithSecondFactor(challenge, usesRecovery ? { recovery_code: code } : { code: code.replace(/\s/g, "") });
    await done();
  });
  show(false);
  return form;
}
