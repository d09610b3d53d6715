// What an answer of the API, or its silence, means: for what was asked, and for the session.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { accessToken, endSession, sessionUser, startSession } from "../session/session";
import { tabStore } from "../lib/storage";
import { member, maybeMember, renew, signOut, take } from "./client";
import { ApiError } from "./problem";

// The client reads it as it is loaded.
vi.hoisted(() => Object.assign(globalThis, { location: { origin: "http://shop.test" } }));

const user = (nickname: string) => ({ id: `usr_${nickname}`, nickname, email: `${nickname}@example.com` }) as never;
const MINA = user("mina");
const BEN = user("ben");
const session = (whose: never, seconds = 600) =>
  ({ access_token: `token of ${(whose as { nickname: string }).nickname}`, expires_in_s: seconds, user: whose }) as never;

let asked: string[];
let reloads: number;

/** The next answers, in order: status and body, or null for one that is lost. */
function answers(...list: (readonly [number, unknown?] | null)[]): void {
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(new URL(request.url).pathname);
    const answer = list.shift() ?? null;
    if (answer === null) throw new TypeError("Failed to fetch");
    const [status, body] = answer;
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
}

beforeEach(() => {
  asked = [];
  reloads = 0;
  vi.stubGlobal("document", { documentElement: { lang: "en" } });
  vi.stubGlobal("location", {
    origin: "http://shop.test",
    reload: () => {
      reloads += 1;
    },
  });
  endSession();
  // Its token has run out.
  startSession(session(MINA, 0));
});
afterEach(() => {
  tabStore.clear();
  vi.unstubAllGlobals();
});

describe("a refusal", () => {
  it.each([
    [402, "payments.declined", true],
    [409, "stock.insufficient", true],
    [409, "request.in_progress", false],
    [429, "request.rate_limited", false],
    [401, "auth.session_ended", false],
    [503, "payments.unavailable", false],
    [0, "network", false],
  ])("%i %s is final: %s", (status, code, isFinal) => {
    expect(new ApiError(status, code, "").isFinal).toBe(isFinal);
  });
});

describe("a renewal", () => {
  it("gives a token, and asks once for two who need it", async () => {
    answers([200, session(MINA)]);
    expect(await Promise.all([renew(), renew()])).toEqual([true, true]);
    expect(accessToken()).toBe("token of mina");
    expect(asked).toHaveLength(1);
  });

  it("ends the session with a 401 only", async () => {
    answers([401, { code: "auth.session_ended", detail: "Over." }]);
    expect(await renew()).toBe(false);
    expect(sessionUser()).toBeNull();
  });

  it.each([
    ["network", [null, null]],
    ["request.rate_limited", [[429, { code: "request.rate_limited", detail: "Slowly." }]]],
    ["server.unavailable", [[503, { code: "server.unavailable", detail: "Later." }]]],
  ] as [string, ([number, unknown] | null)[]][])("that comes to nothing (%s) is told, and nobody is asked for a password or becomes a guest", async (code, list) => {
    for (const client of [member, maybeMember]) {
      asked = [];
      answers(...list);
      await expect(take(client.GET("/me"))).rejects.toMatchObject({ code });
      expect(sessionUser()).toEqual(MINA);
      expect(new Set(asked)).toEqual(new Set(["/api/auth/refresh"]));
    }
  });

  it("is not needed with the secret of an order", async () => {
    answers([200, { id: "order" }]);
    await take(maybeMember.GET("/orders/{order_id}", { params: { path: { order_id: "order" } }, headers: { "Order-Secret": "secret" } }));
    expect(asked).toEqual(["/api/orders/order"]);
  });
});

describe("signing out", () => {
  it("is tried again when its answer is lost, and stays undone when it does not come", async () => {
    answers(null, [204]);
    await signOut();
    expect(sessionUser()).toBeNull();
    startSession(session(MINA));
    answers(null, null);
    await expect(signOut()).rejects.toMatchObject({ code: "network" });
    expect(sessionUser()).toEqual(MINA);
  });

  it("of a session that was over ends it here too, but does not claim that the other devices are signed out", async () => {
    answers([401, { code: "auth.session_ended", detail: "Over." }]);
    await expect(signOut({ everywhere: true })).rejects.toMatchObject({ code: "auth.session_ended" });
    expect(sessionUser()).toBeNull();
  });
});

// The last one: this page goes on no further.
describe("somebody else who has signed in on this device", () => {
  it("makes the page start anew, and its request is not sent", async () => {
    tabStore.set("attempt.checkout", { key: "key", text: "an address" });
    answers([200, session(BEN)]);
    const outcome = take(member.GET("/me")).then(
      () => "sent",
      () => "refused",
    );
    expect(await Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, 0, "waits"))])).toBe("waits");
    expect(reloads).toBe(1);
    expect(asked).toEqual(["/api/auth/refresh"]);
    expect(sessionUser()).toEqual(BEN);
    expect(tabStore.get("attempt.checkout")).toBeNull();
  });
});
