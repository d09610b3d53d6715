// What an answer of the API, or its silence, means: for what was asked, and for
// the session.
import test, { beforeEach } from "node:test";
import assert from "node:assert/strict";
import { ApiError, call, renew, signOut } from "../public/js/api.js";
import { accessToken, endSession, sessionUser, startSession } from "../public/js/session.js";
import { tabStore } from "../public/js/storage.js";

const MINA = { id: "user_mina", nickname: "mina" };
const BEN = { id: "user_ben", nickname: "ben" };
const session = (user, seconds = 600) => ({ access_token: `token of ${user.nickname}`, expires_in_s: seconds, user });

let asked;
let reloads;

/** The next answers, in order: `[status, body]`, or null for one that is lost. */
function answers(...list) {
  globalThis.fetch = async (path) => {
    asked.push(path);
    const answer = list.shift();
    if (answer === null) throw new TypeError("Failed to fetch");
    const [status, body] = answer;
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  };
}

beforeEach(() => {
  asked = [];
  reloads = 0;
  globalThis.location = { reload: () => { reloads += 1; } };
  endSession();
  // Its token has run out.
  startSession(session(MINA, 0));
});

test("a refusal is final, but not when it is only too early", () => {
  for (const [status, code, isFinal] of [
    [402, "payments.declined", true], [409, "stock.insufficient", true],
    [409, "request.in_progress", false], [429, "request.rate_limited", false],
    [401, "auth.session_ended", false], [503, "payments.unavailable", false], [0, "network", false],
  ]) assert.equal(new ApiError({ status, code }).isFinal, isFinal, code);
});

test("a renewal gives a token, and asks once for two who need it", async () => {
  answers([200, session(MINA)]);
  assert.deepEqual(await Promise.all([renew(), renew()]), [true, true]);
  assert.equal(accessToken(), "token of mina");
  assert.equal(asked.length, 1);
});

test("only a 401 ends the session", async () => {
  answers([401, { code: "auth.session_ended", detail: "Over." }]);
  assert.equal(await renew(), false);
  assert.equal(sessionUser(), null);
});

test("a renewal that is lost, throttled or broken is told, and nobody is asked for a password or becomes a guest", async () => {
  for (const [list, code] of [
    [[null, null], "network"],
    [[[429, { code: "request.rate_limited", detail: "Slowly." }]], "request.rate_limited"],
    [[[503, { code: "server.unavailable", detail: "Later." }]], "server.unavailable"],
  ]) {
    for (const auth of ["required", "optional"]) {
      asked = [];
      answers(...list);
      await assert.rejects(call("GET", "/me", { auth }), { code });
      assert.deepEqual(sessionUser(), MINA);
      assert.ok(asked.every((path) => path.endsWith("/auth/refresh")), asked.join());
    }
  }
});

test("the secret of an order opens it without a renewal", async () => {
  answers([200, { id: "order" }]);
  await call("GET", "/orders/order", { auth: "optional", headers: { "Order-Secret": "secret" } });
  assert.deepEqual(asked, ["/api/orders/order"]);
});

test("signing out is tried again when its answer is lost, and stays undone when it does not come", async () => {
  answers(null, [204]);
  await signOut();
  assert.equal(sessionUser(), null);
  startSession(session(MINA));
  answers(null, null);
  await assert.rejects(signOut(), { code: "network" });
  assert.deepEqual(sessionUser(), MINA);
});

test("a session that was over is over here too, but that the other devices are signed out is not claimed", async () => {
  answers([401, { code: "auth.session_ended", detail: "Over." }]);
  await assert.rejects(signOut({ everywhere: true }), { code: "auth.session_ended" });
  assert.equal(sessionUser(), null);
});

// The last one: this page goes on no further.
test("when somebody else has signed in on this device, the page starts anew and its request is not sent", async () => {
  tabStore.set("attempt.checkout", { key: "key", text: "an address" });
  answers([200, session(BEN)]);
  const outcome = call("POST", "/listings", { body: {}, key: "key", auth: "required" }).then(() => "sent", () => "refused");
  assert.equal(await Promise.race([outcome, new Promise((resolve) => setImmediate(resolve, "waits"))]), "waits");
  assert.equal(reloads, 1);
  assert.deepEqual(asked, ["/api/auth/refresh"]);
  assert.deepEqual(sessionUser(), BEN);
  assert.equal(tabStore.get("attempt.checkout"), null);
});
