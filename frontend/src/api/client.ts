// The only door to the API. Addresses, parameters and answers are typed by schema.d.ts, which is made
// from the API's own description.
//
// Every call has a time limit. One that may be repeated without harm (GET, or with an Idempotency-Key)
// is repeated once with the same key when the network fails, so that a lost answer is found again
// rather than the work done twice. A token that ran out is renewed, and the person is asked to sign in
// again where that fails, without leaving the page.

import createClient, { type Client } from "openapi-fetch";

import { language } from "../lib/language";
import { learnClock, pause } from "../lib/time";
import { accessToken, endSession, mayRenew, pageUser, sessionUser, startSession, wasSignedIn } from "../session/session";
import type { SessionAnswer, User } from "../session/session";
import { t } from "../texts/texts";
import { ApiError } from "./problem";
import type { components, paths } from "./schema";

const TIME_LIMIT_MS = 10_000;
const MOST_WAITS_IN_PROGRESS = 5;
/** Where cookies are read or set: signing in, in every way, and staying so. */
const WITH_COOKIES = /^\/api(\/auth\/(sign-in|sign-in\/totp|refresh|sign-out|oauth\/complete)|\/me(\/logins\/.*)?)$/;

/** Whether a token is sent: never; when there is one; always, asking to sign in where there is none. */
type Auth = "none" | "optional" | "required";

/** What a person answers who is asked to sign in again. */
export type SignInOutcome = "signed_in" | "guest" | "closed";

let askToSignIn: ((guestAllowed: boolean) => Promise<SignInOutcome>) | null = null;

/** Says how to ask for a sign-in while a page is in use. */
export function onSignInNeeded(ask: (guestAllowed: boolean) => Promise<SignInOutcome>): void {
  askToSignIn = ask;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(response: Response, body: unknown): ApiError {
  const problem = (body ?? {}) as Partial<components["schemas"]["Problem"]> & { reason?: unknown };
  return new ApiError(
    response.status,
    problem.code ?? "unexpected",
    problem.detail ?? problem.title ?? t("error.unexpected"),
    problem.errors ?? [],
    typeof problem.reason === "string" ? problem.reason : null,
  );
}

/** An answer with its whole body: one that breaks off half-way is lost too. */
async function sendOnce(request: Request): Promise<{ response: Response; text: string }> {
  const response = await fetch(request.clone(), {
    // Our own cookies go along where they are looked at, and nowhere else.
    credentials: WITH_COOKIES.test(new URL(request.url).pathname) ? "same-origin" : "omit",
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  return { response, text: await response.text() };
}

async function send(request: Request, isRepeatable: boolean): Promise<Response> {
  for (let failures = 0, waits = 0; ; ) {
    let answer;
    try {
      answer = await sendOnce(request);
    } catch {
      failures += 1;
      if (!isRepeatable || failures > 1) throw new ApiError(0, "network", t("error.network"));
      continue;
    }
    const { response, text } = answer;
    learnClock(response);
    const body = parse(text);
    if (response.ok && (body !== null || response.status === 204)) {
      return new Response(response.status === 204 ? null : text, { status: response.status, headers: response.headers });
    }
    const problem = problemOf(response, body);
    // The first attempt, whose answer was lost, is still being worked on.
    if (problem.code === "request.in_progress" && waits < MOST_WAITS_IN_PROGRESS) {
      waits += 1;
      await pause(1000 * (Number(response.headers.get("Retry-After")) || 1));
      continue;
    }
    throw problem;
  }
}

function post(path: string, body: unknown): Request {
  return new Request(new URL(`/api${path}`, location.origin), {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...usualHeaders() },
  });
}

const usualHeaders = () => ({ Accept: "application/json", "Accept-Language": language() });

let renewing: Promise<boolean> | null = null;

/**
 * Gets the next access token by the cookie of this device; false when the API says that the session is
 * over. Two that need one at the same moment ask once. Throws ApiError when it could not be asked: then
 * the session stays.
 */
export function renew(): Promise<boolean> {
  renewing ??= send(post("/auth/refresh", {}), true)
    .then(async (response) => goOnAs((await response.json()) as SessionAnswer))
    .catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      endSession();
      return false;
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

/**
 * The cookie is the device's: in another tab, or in the dialog of this one, somebody else may have
 * signed in. What this page shows, and what it was about to ask, is not theirs; so it starts anew, and
 * the call that waits for the token waits until the page is gone.
 */
function goOnAs(answer: SessionAnswer): Promise<true> | true {
  const before = pageUser();
  startSession(answer);
  return goOnFor(before);
}

function goOnFor(before: User | null): Promise<true> | true {
  if (before === null || before.id === sessionUser()?.id) return true;
  location.reload();
  return new Promise(() => {});
}

async function signInAgain(auth: Auth): Promise<void> {
  const before = pageUser();
  const outcome = askToSignIn ? await askToSignIn(auth === "optional") : "closed";
  if (outcome === "signed_in") await goOnFor(before);
  if (outcome === "guest") endSession();
  if (outcome === "closed") throw new ApiError(401, "sign_in_needed", t("signin.needed"));
}

function transport(auth: Auth): (request: Request) => Promise<Response> {
  return async (request) => {
    for (const [name, value] of Object.entries(usualHeaders())) request.headers.set(name, value);
    const isRepeatable = request.method === "GET" || request.headers.has("Idempotency-Key");
    // With the secret of an order it does not matter who asks.
    const mattersWho = auth !== "none" && !request.headers.has("Order-Secret");
    const wasMember = mattersWho && wasSignedIn();
    if (mattersWho && mayRenew()) await renew();
    // A member whose session ended must not silently become a guest.
    const mustAsk = mattersWho && accessToken() === null && (auth === "required" || wasMember);
    if (mustAsk) await signInAgain(auth);
    for (let asked = mustAsk; ; ) {
      const token = auth === "none" ? null : accessToken();
      if (token === null) request.headers.delete("Authorization");
      else request.headers.set("Authorization", `Bearer ${token}`);
      try {
        return await send(request, isRepeatable);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401 || token === null || asked) throw error;
        asked = true;
        // The token was good a moment ago: the session may have gone on without it, or have ended.
        if (!(await renew())) await signInAgain(auth);
      }
    }
  };
}

function client(auth: Auth): Client<paths> {
  return createClient<paths>({ baseUrl: `${location.origin}/api`, fetch: transport(auth) });
}

/** Calls that say nothing of who asks. */
export const anyone = client("none");
/** Calls that say who asks, where somebody is signed in. */
export const maybeMember = client("optional");
/** Calls of a member: ask to sign in where nobody is. */
export const member = client("required");

/** The body of an answer. A refusal is an ApiError, thrown by the client itself. */
export async function take<T>(answer: Promise<{ data?: T | undefined }>): Promise<T> {
  return (await answer).data as T;
}

/**
 * Signs this device out, or every device of the person. Throws ApiError when it is not known to be
 * done: the cookie may still be good, so the session stays.
 */
export async function signOut({ everywhere = false } = {}): Promise<void> {
  try {
    await send(post("/auth/sign-out", { everywhere }), true);
  } catch (error) {
    // This session was over before; the others may not be.
    if (error instanceof ApiError && error.status === 401) endSession();
    throw error;
  }
  endSession();
}
