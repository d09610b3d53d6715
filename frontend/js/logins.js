// Logging in by an account at Google or Kakao: the browser goes there and comes
// back, so this is a navigation and no call.

import { leaveTo } from "./ui.js";

/** The providers, as the API names them. Their names are the same in every language. */
export const PROVIDERS = { google: "Google", kakao: "Kakao" };

/** Leaves for the provider; afterwards the browser is at `back`. */
export function startLogin(provider, back) {
  return leaveTo(`/api/auth/oauth/${provider}/start?return_to=${encodeURIComponent(back)}`);
}
