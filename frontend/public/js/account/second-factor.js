// Two-step sign-in: turning it on with an authenticator app, and off again.

import { post } from "../api.js";
import { t } from "../i18n.js";
import { byId, focusOn, h, onSubmit } from "../ui.js";
import { prove } from "./proof.js";

const signedIn = { auth: "required" };

function offButton(user, again) {
  const button = h("button", { class: "button quiet", type: "button" }, t("account.second_turn_off"));
  button.addEventListener("click", async () => {
    const what = { user, title: t("account.second_off_title"), submit: t("account.second_turn_off"), secondFactor: true };
    const done = await prove(what, (proof) => post("/me/totp/disable", proof, signedIn));
    if (done !== null) again(false, t("account.second_off"));
  });
  return h("div", { class: "form" }, h("p", {}, t("account.second_is_on")), h("div", {}, button));
}

/** Shown once: whoever loses the app needs one of these. */
function recoveryCodes(codes, again) {
  const text = codes.join("\n");
  const copy = h("button", { class: "button quiet", type: "button" }, t("account.copy"));
  copy.addEventListener("click", () => navigator.clipboard.writeText(text)
    .then(() => { copy.textContent = t("account.copied"); }, () => null));
  return h("div", { class: "form" },
    h("h3", {}, t("account.recovery_title")),
    h("p", {}, t("account.recovery_text")),
    h("ol", { class: "codes" }, codes.map((code) => h("li", {}, h("code", {}, code)))),
    h("div", { class: "actions" }, copy,
      h("button", { class: "button", type: "button", on: { click: () => again(true, t("account.second_on")) } }, t("account.recovery_kept"))));
}

function setUp({ qr_svg: picture, secret, uri }, show, again) {
  const form = h("form", { class: "form", novalidate: true },
    h("h3", {}, t("account.second_on_title")),
    h("p", {}, t("account.second_scan")),
    h("img", { class: "qr", src: `data:image/svg+xml,${encodeURIComponent(picture)}`, alt: t("account.second_qr"), width: 200, height: 200 }),
    h("p", {}, h("a", { href: uri }, t("account.second_open_app"))),
    h("p", { class: "hint" }, t("account.second_type"), " ", h("code", {}, secret.match(/.{1,4}/g).join(" "))),
    h("p", { class: "form-error", role: "alert", hidden: true }),
    h("div", { class: "field" },
      h("label", { for: "on-code" }, t("second.code")),
      h("input", { id: "on-code", name: "code", required: true, inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6" })),
    h("div", {}, h("button", { class: "button", type: "submit" }, t("account.second_confirm"))));
  onSubmit(form, async () => {
    const { recovery_codes: codes } = await post("/me/totp/enable", { code: form.elements.code.value.trim() }, signedIn);
    show(recoveryCodes(codes, again));
  });
  return form;
}

function onButton(user, show, again) {
  const button = h("button", { class: "button", type: "button" }, t("account.second_turn_on"));
  button.addEventListener("click", async () => {
    const what = { user, title: t("account.second_on_title"), submit: t("proof.go_on") };
    const started = await prove(what, (proof) => post("/me/totp", proof, signedIn));
    if (started !== null) show(setUp(started, show, again));
  });
  return h("div", { class: "form" }, h("p", {}, t("account.second_is_off")), h("div", {}, button));
}

/** Shows how two-step sign-in stands and what can be done about it. */
export function startSecondFactor(user, tell) {
  const put = (content) => byId("second-body").replaceChildren(content);
  // What had the focus is gone; whoever does not see the page is led to what came instead.
  const show = (content) => {
    put(content);
    focusOn(content.querySelector("h3, button"));
  };
  const block = () => user.second_factor ? offButton(user, again) : onButton(user, show, again);
  const again = (isOn, news) => {
    user.second_factor = isOn;
    show(block());
    tell(news);
  };
  put(block());
}
