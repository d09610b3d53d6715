// Two-step sign-in: turning it on with an authenticator app, and off again.

import { post } from "../api.js";
import { t } from "../i18n.js";
import { byId, errorText, h, onSubmit, say, whileBusy } from "../ui.js";

const signedIn = { auth: "required" };

function field(id, name, label, properties) {
  return h("div", { class: "field" }, h("label", { for: id }, label), h("input", { id, name, required: true, ...properties }));
}

const codeField = (id) => field(id, "code", t("second.code"),
  { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6" });

function offForm(again) {
  const form = h("form", { class: "form", novalidate: true },
    h("p", {}, t("account.second_is_on")),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    field("off-password", "current_password", t("field.password"), { type: "password", autocomplete: "current-password" }),
    codeField("off-code"),
    h("div", {}, h("button", { class: "button quiet", type: "submit" }, t("account.second_turn_off"))));
  onSubmit(form, async () => {
    const { current_password: password, code } = form.elements;
    await post("/me/totp/disable", { current_password: password.value, code: code.value.trim() }, signedIn);
    again(false, t("account.second_off"));
  });
  return form;
}

/** Shown once: whoever loses the app needs one of these. */
function recoveryCodes(codes, again) {
  const text = codes.join("\n");
  const copy = h("button", { class: "button quiet", type: "button" }, t("account.copy"));
  copy.addEventListener("click", () => navigator.clipboard.writeText(text)
    .then(() => { copy.textContent = t("account.copied"); }, () => null));
  return h("div", { class: "form" },
    h("p", {}, t("account.recovery_text")),
    h("ol", { class: "codes" }, codes.map((code) => h("li", {}, h("code", {}, code)))),
    h("div", { class: "actions" }, copy,
      h("button", { class: "button", type: "button", on: { click: () => again(true, t("account.second_on")) } }, t("account.recovery_kept"))));
}

function setUp({ qr_svg: picture, secret, uri }, show, again) {
  const form = h("form", { class: "form", novalidate: true },
    h("p", {}, t("account.second_scan")),
    h("img", { class: "qr", src: `data:image/svg+xml,${encodeURIComponent(picture)}`, alt: t("account.second_qr"), width: 200, height: 200 }),
    h("p", {}, h("a", { href: uri }, t("account.second_open_app"))),
    h("p", { class: "hint" }, t("account.second_type"), " ", h("code", {}, secret)),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    codeField("on-code"),
    h("div", {}, h("button", { class: "button", type: "submit" }, t("account.second_confirm"))));
  onSubmit(form, async () => {
    const { recovery_codes: codes } = await post("/me/totp/enable", { code: form.elements.code.value.trim() }, signedIn);
    show(recoveryCodes(codes, again));
  });
  return form;
}

function onButton(show, again) {
  const error = h("p", { class: "form-error", role: "alert", hidden: true });
  const button = h("button", { class: "button", type: "button" }, t("account.second_turn_on"));
  button.addEventListener("click", () => whileBusy(button, async () => {
    try {
      show(setUp(await post("/me/totp", {}, signedIn), show, again));
    } catch (problem) {
      say(error, errorText(problem));
    }
  }));
  return h("div", { class: "form" }, h("p", {}, t("account.second_is_off")), error, h("div", {}, button));
}

/** Shows how two-step sign-in stands and what can be done about it. */
export function startSecondFactor(user, tell) {
  const show = (content) => byId("second-body").replaceChildren(content);
  const again = (isOn, news) => {
    show(isOn ? offForm(again) : onButton(show, again));
    if (news) tell(news);
  };
  again(user.second_factor, null);
}
