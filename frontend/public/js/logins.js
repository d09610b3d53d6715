// Logging in by an account at Google or Kakao: the browser goes there and comes
// back, so this is a navigation and no call.

import { t } from "./i18n.js";
import { mayComeBackSignedIn } from "./session.js";
import { leaveTo } from "./ui.js";

/** The providers, as the API names them. Their names are the same in every language. */
export const PROVIDERS = { google: "Google", kakao: "Kakao" };

/** Leaves for the provider; afterwards the browser is at `back`. With `stay`, a withdrawal is taken back. */
export function startLogin(provider, back, { stay = false } = {}) {
  const query = new URLSearchParams({ return_to: back, ...(stay ? { cancel_withdrawal: "true" } : {}) });
  mayComeBackSignedIn();
  return leaveTo(`/api/auth/oauth/${provider}/start?${query}`);
}

/** Where to come back to, so that the page of the account tells what became of it. */
export const NEWS = {
  stayed: "/account.html?news=stayed",
  google: "/account.html?news=google",
  kakao: "/account.html?news=kakao",
};

/** What to tell of `news` in the address, or null. */
export function loginNews(news) {
  if (news === "stayed") return t("account.stayed");
  return Object.hasOwn(PROVIDERS, news ?? "") ? t("account.linked_now", { provider: PROVIDERS[news] }) : null;
}

const FAILURES = {
  "auth.login_cancelled": "login.cancelled",
  "auth.login_provider_off": "login.unavailable",
  "auth.login_unavailable": "login.unavailable",
  "auth.login_taken": "login.taken",
  "auth.login_linked_already": "login.linked_already",
  "auth.sign_in_to_link": "login.sign_in_to_link",
  "auth.account_banned": "login.banned",
  "auth.account_withdrawing": "login.withdrawing",
};

/** What to tell of the code that a login at a provider came back with. */
export function loginFailure(code) {
  return t(FAILURES[code] ?? "login.failed");
}
