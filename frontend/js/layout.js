// What every page shares: its texts and the menu. A page imports this first.

import { chooseLanguage, language, t, translatePage } from "./i18n.js";
import { forgetMemberOrders } from "./orders.js";
import { accessToken, endSession, sessionUser, signInAddress } from "./session.js";
import { h } from "./ui.js";

function menu() {
  const other = language() === "ko" ? "en" : "ko";
  const here = (path) => (location.pathname === path ? "page" : null);
  const user = accessToken() ? sessionUser() : null;
  return [
    user ? h("span", { class: "who" }, user.nickname) : null,
    h("a", { href: "/sell.html", "aria-current": here("/sell.html") }, t("nav.sell")),
    h("a", { href: "/order.html", "aria-current": here("/order.html") }, t("nav.orders")),
    user
      ? h("button", { type: "button", on: { click: signOut } }, t("nav.sign_out"))
      : h("a", { href: signInAddress(), "aria-current": here("/sign-in.html") }, t("nav.sign_in")),
    h("button", { type: "button", class: "language", lang: other, on: { click: () => chooseLanguage(other) } }, t("nav.language")),
  ];
}

function signOut() {
  endSession();
  forgetMemberOrders();
  location.assign("/");
}

translatePage();
document.getElementById("menu").replaceChildren(...menu().filter(Boolean));

// A page that the browser kept alive comes back as it was left: with its
// buttons still busy, and perhaps with somebody else signed in.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
