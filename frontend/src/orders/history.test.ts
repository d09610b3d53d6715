import { describe, expect, it } from "vitest";

import { placeOnWay, whatHappened } from "./history";
import type { OrderStatus } from "./types";

const history = (...states: OrderStatus[]) => states.map((status, minute) => ({ status, at: `2026-11-20T00:0${minute}:00Z` }));
const kinds = (...states: OrderStatus[]) => whatHappened(history(...states)).map(({ kind }) => kind);

describe("what happened to an order", () => {
  it("is that it was placed and paid, without the moment in between", () => {
    expect(kinds("pending", "confirming", "paid", "preparing")).toEqual(["placed", "paid", "preparing"]);
  });

  it("has one line for each refused card, at the time of the refusal", () => {
    const told = whatHappened(history("pending", "confirming", "pending", "confirming", "pending", "confirming", "paid"));
    expect(told.map(({ kind }) => kind)).toEqual(["placed", "refused", "refused", "paid"]);
    expect(told[1]?.at).toBe("2026-11-20T00:02:00Z");
  });

  it("says that the payment is being checked only while it is", () => {
    expect(kinds("pending", "confirming")).toEqual(["placed", "confirming"]);
    expect(kinds("pending", "confirming", "expired")).toEqual(["placed", "expired"]);
  });

  it("tells a cancellation and its refund apart", () => {
    expect(kinds("pending", "cancelled")).toEqual(["placed", "cancelled"]);
    expect(kinds("pending", "confirming", "paid", "cancel_refunding")).toEqual(["placed", "paid", "cancelled"]);
    expect(kinds("pending", "confirming", "paid", "cancel_refunding", "cancelled")).toEqual(["placed", "paid", "cancelled", "refunded"]);
  });

  it("tells a return and its refund apart", () => {
    expect(kinds("delivered", "return_requested", "return_refunding", "returned").slice(1)).toEqual(["return_requested", "returned", "refunded"]);
  });
});

describe("the place of an order on its way", () => {
  it("stays at the payment while the payment is checked", () => {
    expect(placeOnWay("confirming")).toBe(placeOnWay("pending"));
  });

  it("is told only of orders that go well", () => {
    expect(placeOnWay("delivered")).toBe(4);
    expect(placeOnWay("cancel_refunding")).toBeNull();
  });
});
