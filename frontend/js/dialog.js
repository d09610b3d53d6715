// Asks to sign in again without leaving the page, so that a half-written
// listing is not lost when the session has ended meanwhile.

import { onSignInNeeded, signIn } from "./api.js";
import { t } from "./i18n.js";
import { secondStepForm } from "./second-step.js";
import { sessionUser } from "./session.js";
import { h, onSubmit } from "./ui.js";

let open = null;

function buildDialog(finish, guestAllowed) {
  const form = h("form", { class: "form", novalidate: true },
    h("h2", { id: "again-title" }, t("signin.title")),
    h("p", {}, sessionUser() ? t("signin.again") : t("signin.needed")),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    h("div", { class: "field" },
      h("label", { for: "again-email" }, t("field.email")),
      h("input", { id: "again-email", name: "email", type: "email", autocomplete: "username", required: true, value: sessionUser()?.email ?? "" })),
    h("div", { class: "field" },
      h("label", { for: "again-password" }, t("field.password")),
      h("input", { id: "again-password", name: "password", type: "password", autocomplete: "current-password", required: true, autofocus: true })),
    h("div", { class: "actions" },
      h("button", { class: "button", type: "submit" }, t("signin.submit")),
      guestAllowed ? h("button", { class: "button quiet", type: "button", on: { click: () => finish("guest") } }, t("signin.as_guest")) : null,
      h("button", { class: "button quiet", type: "button", on: { click: () => finish("closed") } }, t("close"))),
  );
  onSubmit(form, async () => {
    const needed = await signIn(form.elements.email.value.trim(), form.elements.password.value);
    if (needed === null) {
      finish("signed_in");
      return;
    }
    const cancel = h("button", { class: "button quiet", type: "button", on: { click: () => finish("closed") } }, t("close"));
    const step = secondStepForm(needed.challenge, () => finish("signed_in"), [cancel]);
    form.replaceWith(step);
    step.elements.code.focus();
  });
  return h("dialog", { class: "dialog", "aria-labelledby": "again-title" }, form);
}

/** Opens the dialog, or joins the one that is open, and gives its outcome. */
function askToSignIn({ guestAllowed }) {
  open ??= new Promise((resolve) => {
    const finish = (outcome) => {
      open = null;
      dialog.remove();
      resolve(outcome);
    };
    const dialog = buildDialog(finish, guestAllowed);
    dialog.addEventListener("cancel", () => finish("closed"));
    document.body.append(dialog);
    dialog.showModal();
  });
  return open;
}

onSignInNeeded(askToSignIn);
