// Asks that it is the person themselves, in a dialog, before what cannot be
// undone or opens another way into the account: a device that was left open
// must not be enough.

import { post } from "../api.js";
import { ShownError } from "../errors.js";
import { t } from "../i18n.js";
import { hasLocalCloud } from "../local.js";
import { secondFactorField } from "../second-step.js";
import { errorText, h, onSubmit, say, whileBusy } from "../ui.js";

const PURPOSE = "confirm";

function input(id, label, properties) {
  return h("div", { class: "field" }, h("label", { for: id }, label), h("input", { id, required: true, ...properties }));
}

/** The password, for people who have one. */
function passwordPart(email) {
  const part = input("proof-password", t("field.password"),
    { name: "current_password", type: "password", autocomplete: "current-password", maxlength: "128", autofocus: true });
  const username = h("input", { class: "visually-hidden", name: "username", type: "text", autocomplete: "username", value: email, tabindex: "-1", "aria-hidden": "true", readonly: true });
  return { part: h("div", {}, username, part), proof: async () => ({ current_password: part.querySelector("input").value }) };
}

/** A code by mail, for people who sign in with a provider only. */
function emailPart(email) {
  const part = input("proof-code", t("field.code"),
    { name: "email_code", class: "code", inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]{6}", maxlength: "6" });
  const mailbox = h("p", { class: "hint", hidden: true }, h("a", { href: "/_local/", target: "_blank", rel: "noopener" }, t("signup.mailbox")));
  hasLocalCloud().then((isLocal) => { mailbox.hidden = !isLocal; });
  let proved = null;
  const prove = async () => {
    const code = part.querySelector("input").value.trim();
    try {
      const { email_proof: proof } = await post("/auth/email-codes/verify", { email, purpose: PURPOSE, code });
      proved = { email_proof: proof };
    } catch (error) {
      // Its field is called otherwise here, beside that of the app's code.
      throw new ShownError(errorText(error), [{ pointer: "/email_code", detail: errorText(error) }]);
    }
    part.querySelector("input").readOnly = true;
  };
  return {
    part: h("div", { class: "form" }, h("p", { role: "status" }, t("signup.code_sent", { email })), part, mailbox),
    // A code is good once, its proof until what it is for was done.
    proof: async () => {
      if (proved === null) await prove();
      return proved;
    },
  };
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
    const finish = (end, value) => {
      dialog.remove();
      end(value);
    };
    const error = h("p", { class: "form-error", role: "alert", hidden: true });
    const second = secondFactor ? secondFactorField() : null;
    let first = passwordPart(user.email);
    const noPassword = h("button", { class: "button quiet", type: "button" }, t("proof.no_password"));
    noPassword.addEventListener("click", () => whileBusy(noPassword, async () => {
      try {
        await post("/auth/email-codes", { email: user.email, purpose: PURPOSE });
      } catch (problem) {
        say(error, errorText(problem));
        return;
      }
      say(error, "");
      const next = emailPart(user.email);
      first.part.replaceWith(next.part);
      first = next;
      noPassword.remove();
      next.part.querySelector("input").focus();
    }));
    const form = h("form", { class: "form", novalidate: true },
      h("h2", { id: "proof-title" }, title),
      h("p", {}, text ?? t("proof.text")),
      error,
      first.part,
      second?.field,
      h("button", { class: danger ? "button danger" : "button", type: "submit" }, submit),
      h("div", { class: "actions" }, noPassword, second?.other,
        h("button", { class: "button quiet", type: "button", on: { click: () => finish(resolve, null) } }, t("close"))));
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
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "proof-title" }, form);
    dialog.addEventListener("cancel", () => finish(resolve, null));
    document.body.append(dialog);
    dialog.showModal();
  });
}
