// What every page shares: its texts and the menu. A page imports this first.

import { renew } from "./api.js";
import { chooseLanguage, language, t, translatePage } from "./i18n.js";
import { accessToken, mayRenew, onSignedOutElsewhere, sessionUser, signInAddress } from "./session.js";
import { h } from "./ui.js";

function menu() {
  const other = language() === "ko" ? "en" : "ko";
  const here = (path) => (location.pathname === path ? "page" : null);
  const user = accessToken() ? sessionUser() : null;
  return [
    h("a", { href: "/sell.html", "aria-current": here("/sell.html") }, t("nav.sell")),
    h("a", { href: "/order.html", "aria-current": here("/order.html") }, t("nav.orders")),
    user
      ? h("a", { class: "who", href: "/account.html", title: user.nickname, "aria-current": here("/account.html") }, t("nav.account"))
      : h("a", { href: signInAddress(), "aria-current": here("/sign-in.html") }, t("nav.sign_in")),
    h("button", { type: "button", class: "language", lang: other, on: { click: () => chooseLanguage(other) } }, t("nav.language")),
  ];
}

/** Shows the menu as it is for whoever is signed in now. */
export function showMenu() {
  document.getElementById("menu").replaceChildren(...menu().filter(Boolean));
}

/**
 * For pages that are nothing without an account: sends whoever is not signed in
 * to do so and come back. Resolves when they are, or when it cannot be asked at
 * the moment: then whatever needs a token asks again.
 */
export async function membersOnly() {
  if (mayRenew()) await renew().catch(() => null);
  if (accessToken() !== null || mayRenew()) return;
  location.replace(signInAddress());
  await new Promise(() => {});
}

translatePage();
showMenu();
// A new tab of a device that is signed in has no token yet. If it cannot get one
// now, whatever needs one asks again and says what is wrong.
if (mayRenew()) renew().then(showMenu, () => null);

// The other tabs show what only the person who was signed in may see.
onSignedOutElsewhere(() => location.reload());

// A page that the browser kept alive comes back as it was left: with its
// buttons still busy, and perhaps with somebody else signed in.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
