// The only door to the API. Every call has a time limit; a call that may be
// repeated without harm (GET, or with an Idempotency-Key) is repeated once
// with the same key when the network fails, so that a lost answer is found
// again rather than done twice.

import { ShownError } from "./errors.js";
import { language, t } from "./i18n.js";
import { accessToken, endSession, mayRenew, pageUser, sessionUser, startSession, wasSignedIn } from "./session.js";
import { tabStore } from "./storage.js";

const BASE = "/api";
const TIME_LIMIT_MS = 10_000;
const MOST_WAITS_IN_PROGRESS = 5;
/** Where cookies are read or set: signing in, in every way, and staying so. */
const WITH_COOKIES = /^\/auth\/(sign-in|sign-in\/totp|refresh|sign-out|oauth\/complete)$|^\/me(\/logins\/.*)?$/;

/** How far the server's clock is from ours, in ms, by the Date of its answers. */
let clockOffset = 0;

/** A refusal of the API, or its silence (`status` 0, `code` "network"). */
export class ApiError extends ShownError {
  constructor({ status = 0, code = "network", detail, errors = [], reason = null }) {
    super(detail, errors);
    this.status = status;
    this.code = code;
    this.reason = reason;
  }

  /** Whether what was asked is refused for good; otherwise the same key may still get an answer. */
  get isFinal() {
    return [400, 402, 404, 409, 410, 422].includes(this.status) && this.code !== "request.in_progress";
  }
}

/** The time by the server's clock, in ms. Countdowns use it. */
export function serverNow() {
  return Date.now() + clockOffset;
}

/** A new random key; 128 bits, so two attempts never share one. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The Idempotency-Key of an attempt: the same for the same body until
 * `finishAttempt`, even after a reload, and a new one when the body changed
 * (the API refuses an old key with another body).
 */
function attemptKey(name, body) {
  const text = JSON.stringify(body);
  const known = tabStore.get(`attempt.${name}`);
  if (known?.text === text) return known.key;
  const key = newKey();
  tabStore.set(`attempt.${name}`, { key, text });
  return key;
}

/**
 * Like `attemptKey`, but remembered by this page only, for bodies that have no
 * place in storage: a function from a body to its key.
 */
export function keysOfPage() {
  const keys = new Map();
  return (body) => {
    const text = JSON.stringify(body);
    if (!keys.has(text)) keys.set(text, newKey());
    return keys.get(text);
  };
}

/** The attempt is over; the next one gets a new key. */
export function finishAttempt(name) {
  tabStore.remove(`attempt.${name}`);
}

let askToSignIn = null;

/**
 * Says how to ask for a sign-in while a page is in use (see dialog.js): a
 * function that gives "signed_in", "guest" (only if allowed) or "closed".
 */
export function onSignInNeeded(ask) {
  askToSignIn = ask;
}

function learnClock(response) {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(date) || response.headers.has("Age")) return;
  const offset = date - Date.now();
  // Date has whole seconds; a small difference is rounding or the way here.
  clockOffset = Math.abs(offset) > 3000 ? offset : 0;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(response, problem) {
  return new ApiError({
    status: response.status,
    code: problem?.code ?? "unexpected",
    detail: problem?.detail ?? problem?.title ?? t("error.unexpected"),
    errors: Array.isArray(problem?.errors) ? problem.errors : [],
    reason: typeof problem?.reason === "string" ? problem.reason : null,
  });
}

/** The answer with its whole body: one that breaks off half-way is lost too. */
async function sendOnce(path, { method, body, headers }) {
  const response = await fetch(BASE + path, {
    method,
    headers,
    body,
    // Our own cookies go along where they are looked at, and nowhere else.
    credentials: WITH_COOKIES.test(path) ? "same-origin" : "omit",
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  return { response, body: parse(await response.text()) };
}

async function send(path, request, repeatable) {
  for (let failures = 0, waits = 0; ;) {
    let answer;
    try {
      answer = await sendOnce(path, request);
    } catch {
      failures += 1;
      if (!repeatable || failures > 1) throw new ApiError({ detail: t("error.network") });
      continue;
    }
    const { response, body } = answer;
    learnClock(response);
    if (response.ok && (body !== null || response.status === 204)) return { status: response.status, body };
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

/** Waits so many milliseconds. */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

let renewing = null;

/**
 * Gets the next access token by the cookie of this device; false when the API
 * says that the session is over. Two that need one at the same moment ask once.
 * Throws ApiError when it could not be asked: then the session stays.
 */
export function renew() {
  renewing ??= send("/auth/refresh", jsonRequest("POST", {}), true)
    .then(({ body }) => goOnAs(body), (error) => {
      if (error.status !== 401) throw error;
      endSession();
      return false;
    })
    .finally(() => { renewing = null; });
  return renewing;
}

/**
 * The cookie is the device's: in another tab, or in the dialog of this one,
 * somebody else may have signed in. What this page shows, and what it was about
 * to ask, is not theirs; so it starts anew, and who waits for the token waits
 * until the page is gone.
 */
function goOnAs(answer) {
  const before = pageUser();
  startSession(answer);
  return goOnFor(before);
}

function goOnFor(before) {
  if (before === null || before.id === sessionUser().id) return true;
  location.reload();
  return new Promise(() => {});
}

function jsonRequest(method, body, headers = {}) {
  const request = {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { Accept: "application/json", "Accept-Language": language(), ...headers },
  };
  if (body !== undefined) request.headers["Content-Type"] = "application/json";
  return request;
}

/**
 * One call. `auth` is "none" (no token sent), "optional" (sent when there is
 * one) or "required" (asks to sign in when there is none, then goes on with
 * the same key). A token that ran out is renewed first.
 * Throws ApiError. Returns `{ status, body }`.
 */
export async function call(method, path, { body, key, auth = "none", headers = {} } = {}) {
  const request = jsonRequest(method, body, headers);
  if (key !== undefined) request.headers["Idempotency-Key"] = key;

  // With the secret of an order it does not matter who asks.
  const mattersWho = auth !== "none" && headers["Order-Secret"] === undefined;
  const wasMember = mattersWho && wasSignedIn();
  if (mattersWho && mayRenew()) await renew();
  // A member whose session ended must not silently become a guest.
  const mustAsk = accessToken() === null && (auth === "required" || wasMember);
  if (mustAsk) await signInAgain(auth);
  for (let asked = mustAsk; ;) {
    const token = auth === "none" ? null : accessToken();
    if (token) request.headers.Authorization = `Bearer ${token}`;
    try {
      return await send(path, request, method === "GET" || key !== undefined);
    } catch (error) {
      if (error.status !== 401 || !token || asked) throw error;
      asked = true;
      // The token was good a moment ago: the session may have gone on without it, or have ended.
      if (!(await renew())) await signInAgain(auth);
      delete request.headers.Authorization;
    }
  }
}

async function signInAgain(auth) {
  const before = pageUser();
  const answer = askToSignIn ? await askToSignIn({ guestAllowed: auth === "optional" }) : "closed";
  if (answer === "signed_in") await goOnFor(before);
  if (answer === "guest") endSession();
  if (answer === "closed") {
    throw new ApiError({ status: 401, code: "sign_in_needed", detail: t("signin.needed") });
  }
}

/** GET, giving the body. */
export async function get(path, options) {
  return (await call("GET", path, options)).body;
}

/** POST, giving the body. */
export async function post(path, body, options) {
  return (await call("POST", path, { ...options, body })).body;
}

/**
 * POST with the Idempotency-Key of the attempt `name`. A refusal of what was
 * asked is final for its key, so that the next try asks anew; while an answer
 * may still come, the key stays.
 */
export async function postAttempt(name, path, body, options) {
  try {
    return await post(path, body, { ...options, key: attemptKey(name, body) });
  } catch (error) {
    if (error.isFinal) finishAttempt(name);
    throw error;
  }
}

/** PATCH, giving the body. */
export async function patch(path, body, options) {
  return (await call("PATCH", path, { ...options, body })).body;
}

/** DELETE, giving the body, if there is one. */
export async function remove(path, options) {
  return (await call("DELETE", path, options)).body;
}

/** Makes an account for a login at a provider, or links it to one; null or the second step, as `signIn`. */
export async function completeLogin(body) {
  const answer = await post("/auth/oauth/complete", body);
  if (answer.challenge !== undefined) return answer;
  startSession(answer);
  return null;
}

/**
 * Signs in and remembers the session. Gives null when that is all, or what the
 * second step needs: `{ challenge, expires_in_s }`.
 */
export async function signIn(email, password, more = {}) {
  const answer = await post("/auth/sign-in", { email, password, ...more });
  if (answer.challenge !== undefined) return answer;
  startSession(answer);
  return null;
}

/** The second step: `proof` is `{ code }` or `{ recovery_code }`. */
export async function signInWithSecondFactor(challenge, proof) {
  startSession(await post("/auth/sign-in/totp", { challenge, ...proof }));
}

/**
 * Signs this device out, or every device of the person. Throws ApiError when it
 * is not known to be done: the cookie may still be good, so the session stays.
 */
export async function signOut({ everywhere = false } = {}) {
  try {
    await send("/auth/sign-out", jsonRequest("POST", { everywhere }), true);
  } catch (error) {
    // This session was over before; the others may not be.
    if (error.status === 401) endSession();
    throw error;
  }
  endSession();
}
