// Asks to sign in again without leaving the page, so that a half-written
// listing is not lost when the session has ended meanwhile.

import { onSignInNeeded, signIn } from "./api.js";
import { t } from "./i18n.js";
import { secondStepForm } from "./second-step.js";
import { pageUser, signInAddress } from "./session.js";
import { h, onSubmit, showDialog } from "./ui.js";

let open = null;

function buildForm(finish, leave, guestAllowed) {
  const form = h("form", { class: "form", novalidate: true },
    h("h2", { id: "again-title" }, t("signin.title")),
    h("p", {}, pageUser() ? t("signin.again") : t("signin.needed")),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    h("div", { class: "field" },
      h("label", { for: "again-email" }, t("field.email")),
      h("input", { id: "again-email", name: "email", type: "email", autocomplete: "username", required: true, value: pageUser()?.email ?? "" })),
    h("div", { class: "field" },
      h("label", { for: "again-password" }, t("field.password")),
      h("input", { id: "again-password", name: "password", type: "password", autocomplete: "current-password", required: true, autofocus: true })),
    h("div", { class: "actions" },
      h("button", { class: "button", type: "submit" }, t("signin.submit")),
      guestAllowed ? h("button", { class: "button quiet", type: "button", on: { click: () => leave("guest") } }, t("signin.as_guest")) : null,
      h("button", { class: "button quiet", type: "button", on: { click: () => leave("closed") } }, t("close"))),
    // For who has no password, or not in mind: that page has every way in.
    h("p", { class: "note" }, h("a", { href: signInAddress() }, t("signin.other_ways"))),
  );
  onSubmit(form, async () => {
    const needed = await signIn(form.elements.email.value.trim(), form.elements.password.value);
    if (needed === null) {
      finish("signed_in");
      return;
    }
    const cancel = h("button", { class: "button quiet", type: "button", on: { click: () => leave("closed") } }, t("close"));
    const step = secondStepForm(needed.challenge, () => finish("signed_in"), [cancel]);
    form.replaceWith(step);
    step.elements.code.focus();
  });
  return form;
}

/** Opens the dialog, or joins the one that is open, and gives its outcome. */
function askToSignIn({ guestAllowed }) {
  open ??= new Promise((resolve) => {
    const finish = (outcome) => {
      open = null;
      shown.end();
      resolve(outcome);
    };
    const leave = (outcome) => shown.unlessBusy(() => finish(outcome));
    const shown = showDialog(buildForm(finish, leave, guestAllowed), "again-title", () => finish("closed"));
  });
  return open;
}

onSignInNeeded(askToSignIn);
