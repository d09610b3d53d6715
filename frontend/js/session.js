// Who is signed in. The access token lives for ten minutes and there is no
// refresh yet, so a session simply ends; the page then asks to sign in again.

import { safeReturnPath } from "./paths.js";
import { tabStore } from "./storage.js";

let current = tabStore.get("session");

/** Remembers the answer of POST /auth/sign-in. */
export function startSession({ access_token: token, expires_in_s: seconds, user }) {
  // Ten seconds early, so that a call does not set out with a dying token.
  current = { token, user, endsAt: Date.now() + (seconds - 10) * 1000 };
  tabStore.set("session", current);
}

/** Forgets the token. The user is kept by the caller if it needs the name. */
export function endSession() {
  current = null;
  tabStore.remove("session");
}

/** The access token while it is good, or null. */
export function accessToken() {
  return current && Date.now() < current.endsAt ? current.token : null;
}

/** Whether there is a session whose token has run out. */
export function sessionHasRunOut() {
  return current !== null && accessToken() === null;
}

/** The user of the session, even when its token has run out, or null. */
export function sessionUser() {
  return current?.user ?? null;
}

/** The address of the sign-in page that comes back to where one is now. */
export function signInAddress(page = "/sign-in.html") {
  const here = location.pathname + location.search;
  const elsewhere = ["/sign-in.html", "/sign-up.html"].includes(location.pathname);
  const back = elsewhere ? returnPath() : here;
  return back === "/" ? page : `${page}?return=${encodeURIComponent(back)}`;
}

/** Where to go after signing in: the `return` of the address, if it is ours. */
export function returnPath() {
  return safeReturnPath(new URLSearchParams(location.search).get("return"));
}
