// Logging in by an account at Google or Kakao: the browser goes there and comes back, so this is a
// navigation and no call.

import type { TextKey } from "../texts/keys";
import { t } from "../texts/texts";
import { mayComeBackSignedIn } from "./session";

/** The providers, as the API names them. Their names are the same in every language. */
export const PROVIDERS = { google: "Google", kakao: "Kakao" } as const;
export type Provider = keyof typeof PROVIDERS;

/** Goes to another page. Never resolves, so that the button that led here stays busy until the page is gone. */
export function leaveTo(address: string): Promise<never> {
  location.assign(address);
  return new Promise(() => {});
}

/** Leaves for the provider; afterwards the browser is at `back`. With `stay`, a withdrawal is taken back. */
export function startLogin(provider: Provider, back: string, { stay = false } = {}): Promise<never> {
  const query = new URLSearchParams({ return_to: back, ...(stay && { cancel_withdrawal: "true" }) });
  mayComeBackSignedIn();
  return leaveTo(`/api/auth/oauth/${provider}/start?${query}`);
}

/** Where to come back to, so that the page of the account tells what became of it. */
export const NEWS = {
  stayed: "/account.html?news=stayed",
  google: "/account.html?news=google",
  kakao: "/account.html?news=kakao",
} as const;

const FAILURES: Record<string, TextKey> = {
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
export function loginFailure(code: string): string {
  return t(FAILURES[code] ?? "login.failed");
}
