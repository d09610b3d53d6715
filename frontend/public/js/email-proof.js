// That somebody reads the mails of the address of an account: a field for the
// code that was sent there, and the proof that it earns.

import { post } from "./api.js";
import { ShownError } from "./errors.js";
import { t } from "./i18n.js";
import { hasLocalCloud } from "./local.js";
import { errorText, h } from "./ui.js";

const PURPOSE = "confirm";

/** Sends a code to the address, unless one was sent a moment ago, which holds. Throws when it may not. */
export async function sendProofCode(email) {
  await post("/auth/email-codes", { email, purpose: PURPOSE }).catch((error) => {
    if (error.code !== "auth.code_too_soon") throw error;
  });
}

/** The field, as `part`, and what asks the API for the proof when the form is sent. */
export function emailProofField(email) {
  const input = h("input", { id: "proof-code", name: "email_code", class: "code", required: true, inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]{6}", maxlength: "6" });
  const mailbox = h("p", { class: "hint", hidden: true }, h("a", { href: "/_local/", target: "_blank", rel: "noopener" }, t("signup.mailbox")));
  hasLocalCloud().then((isLocal) => { mailbox.hidden = !isLocal; });
  let proved = null;
  const prove = async () => {
    try {
      const answer = await post("/auth/email-codes/verify", { email, purpose: PURPOSE, code: input.value.trim() });
      proved = answer.email_proof;
    } catch (error) {
      // Its field is called otherwise here, for it may stand beside that of an app's code.
      throw new ShownError(errorText(error), [{ pointer: "/email_code", detail: errorText(error) }]);
    }
    input.readOnly = true;
  };
  return {
    part: h("div", { class: "form" },
      h("p", { role: "status" }, t("signup.code_sent", { email })),
      h("div", { class: "field" }, h("label", { for: "proof-code" }, t("field.code")), input),
      mailbox),
    // A code is good once, its proof until what it is for was done.
    proof: async () => {
      if (proved === null) await prove();
      return proved;
    },
  };
}
