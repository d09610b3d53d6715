// Asks that it is the person themselves, in a dialog, before what cannot be
// undone or opens another way into the account: a device that was left open
// must not be enough.

import { emailProofField, sendProofCode } from "../email-proof.js";
import { t } from "../i18n.js";
import { secondFactorField } from "../second-step.js";
import { h, onSubmit, onTap, say, showDialog } from "../ui.js";

/** The password, for people who have one. */
function passwordPart(email) {
  const input = h("input", { id: "proof-password", name: "current_password", type: "password", autocomplete: "current-password", maxlength: "128", required: true, autofocus: true });
  const username = h("input", { class: "visually-hidden", name: "username", type: "text", autocomplete: "username", value: email, tabindex: "-1", "aria-hidden": "true", readonly: true });
  return {
    part: h("div", { class: "field" }, username, h("label", { for: "proof-password" }, t("field.password")), input),
    proof: async () => ({ current_password: input.value }),
  };
}

/** A code by mail, for people who sign in with a provider only. */
function emailPart(email) {
  const { part, proof } = emailProofField(email);
  return { part, proof: async () => ({ email_proof: await proof() }) };
}

/** Whether what went wrong belongs to the form behind the dialog. */
function isOfTheForm(error, form) {
  const names = new Set([...form.elements].map((element) => element.name));
  return (error.errors ?? []).some(({ pointer }) => !names.has(String(pointer).slice(1)))
    && error.code !== "auth.fresh_proof_needed";
}

/**
 * Asks for the proof, then runs `act(proof)` with what the API wants to see.
 * Gives what `act` gave, or null when the person closed the dialog. A wrong
 * proof is told in the dialog. With `secondFactor` it asks for a code of the
 * app as well.
 */
export function prove({ user, title, text = null, submit, secondFactor = false, danger = false }, act) {
  return new Promise((resolve, reject) => {
    const finish = (settle, value) => {
      shown.end();
      settle(value);
    };
    const close = () => finish(resolve, null);
    const error = h("p", { class: "form-error", role: "alert", hidden: true });
    const second = secondFactor ? secondFactorField() : null;
    let first = passwordPart(user.email);
    const noPassword = h("button", { class: "button quiet", type: "button" }, t("proof.no_password"));
    onTap(noPassword, error, async () => {
      await sendProofCode(user.email);
      say(error, "");
      const next = emailPart(user.email);
      first.part.replaceWith(next.part);
      first = next;
      noPassword.remove();
      next.part.querySelector("input").focus();
    });
    const form = h("form", { class: "form", novalidate: true },
      h("h2", { id: "proof-title" }, title),
      h("p", {}, text ?? t("proof.text")),
      error,
      first.part,
      second?.field,
      h("button", { class: danger ? "button danger" : "button", type: "submit" }, submit),
      h("div", { class: "actions" }, noPassword, second?.other,
        h("button", { class: "button quiet", type: "button", on: { click: () => shown.unlessBusy(close) } }, t("close"))));
    onSubmit(form, async () => {
      let done;
      try {
        done = await act({ ...(await first.proof()), ...second?.proof() });
      } catch (problem) {
        if (!isOfTheForm(problem, form)) throw problem;
        finish(reject, problem);
        return;
      }
      finish(resolve, done ?? true);
    });
    const shown = showDialog(form, "proof-title", close);
  });
}
