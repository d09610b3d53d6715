// Who is signed in. The access token lives for ten minutes and is kept by the tab; what gets the next
// one is a cookie that no script can read, so a device stays signed in from tab to tab and from day to
// day (see renew in api/client.ts).

import { signal } from "@preact/signals";

import type { components } from "../api/schema";
import { safeReturnPath } from "../lib/paths";
import { deviceStore, tabStore } from "../lib/storage";
import { forgetMemberOrders } from "./saved-orders";

export type SessionAnswer = components["schemas"]["SignedIn"];
export type User = SessionAnswer["user"];

interface Session {
  token: string;
  user: User;
  /** In ms, by the clock of this device. */
  endsAt: number;
}

let current = tabStore.get<Session>("session");
/** The person that this page was made for, also once their session is over. */
let madeFor: User | null = current?.user ?? null;

/** The person whose token this tab has, for what is shown. */
export const shownUser = signal<User | null>(accessToken() === null ? null : (current?.user ?? null));

/** Remembers the answer of a sign-in, or of a renewal. */
export function startSession({ access_token: token, expires_in_s: seconds, user }: SessionAnswer): void {
  const member = deviceStore.get<string>("member");
  if (member !== user.id) forgetMemberOrders();
  const before = madeFor?.id ?? member;
  if (before !== null && before !== user.id) forgetPerson();
  deviceStore.set("member", user.id);
  madeFor = user;
  // Ten seconds early, so that a call does not set out with a dying token.
  current = { token, user, endsAt: Date.now() + (seconds - 10) * 1000 };
  tabStore.set("session", current);
  // Tells the next tab that it is worth asking for a token.
  deviceStore.set("signed_in", true);
  shownUser.value = user;
}

/** Forgets the token and whose it was. */
export function endSession(): void {
  current = null;
  tabStore.remove("session");
  deviceStore.remove("signed_in");
  shownUser.value = null;
}

/** Forgets all that this tab knows of the person who used it, such as a half-written listing. */
function forgetPerson(): void {
  current = null;
  madeFor = null;
  tabStore.clear();
  shownUser.value = null;
}

/** Forgets the member, who has signed out: on this device, and in this tab. */
export function leaveDevice(): void {
  forgetMemberOrders();
  deviceStore.remove("member");
  forgetPerson();
}

/** Runs `then` when the person of this tab has signed out in another one, which is forgotten here too. */
export function onSignedOutElsewhere(then: () => void): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== "jangteo.signed_in" || newValue !== null || current === null) return;
    forgetPerson();
    then();
  });
}

/** The person has changed what others see of them. */
export function updateUser(user: User): void {
  if (current === null) return;
  current = { ...current, user };
  tabStore.set("session", current);
  shownUser.value = user;
}

/** The access token while it is good, or null. */
export function accessToken(): string | null {
  return current !== null && Date.now() < current.endsAt ? current.token : null;
}

/** Whether this device may be signed in and has no good token at the moment. */
export function mayRenew(): boolean {
  return accessToken() === null && (current !== null || deviceStore.get("signed_in") !== null);
}

/** Whether somebody was signed in here, and was not only on their way. */
export function wasSignedIn(): boolean {
  return current !== null || deviceStore.get("signed_in") === true;
}

/**
 * Someone who sets out for a login provider may come back with a session, and no address says so: the
 * next page asks. That it was in vain is no complaint.
 */
export function mayComeBackSignedIn(): void {
  if (!wasSignedIn()) deviceStore.set("signed_in", "perhaps");
}

/** The user of the session, even when its token has run out, or null. */
export function sessionUser(): User | null {
  return current?.user ?? null;
}

/** The person that this page was made for, even when their session is over, or null. */
export function pageUser(): User | null {
  return madeFor;
}

const SIGNING_IN = ["/sign-in.html", "/sign-up.html", "/reset-password.html"];

/** The address of the sign-in page that comes back to where one is now. */
export function signInAddress(page = "/sign-in.html"): string {
  const here = location.pathname + location.search;
  const back = SIGNING_IN.includes(location.pathname) ? returnPath() : here;
  return back === "/" ? page : `${page}?return=${encodeURIComponent(back)}`;
}

/**
 * Where to go after signing in, if it is ours: the `return` of the address, or what the API calls it
 * when it leads back from a login that came to nothing.
 */
export function returnPath(): string {
  const query = new URLSearchParams(location.search);
  return safeReturnPath(query.get("return") ?? query.get("return_to"));
}

/**
 * What a login at a provider brought back behind the `#`, where no server sees it. Taken out of the
 * address, so that it is in no history and no link.
 */
export function takeFragment(): URLSearchParams {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (location.hash) {
    const query = new URLSearchParams(location.search);
    if (fragment.has("return_to")) query.set("return", safeReturnPath(fragment.get("return_to")));
    history.replaceState(null, "", location.pathname + (query.size > 0 ? `?${query}` : ""));
  }
  return fragment;
}
