import { describe, expect, it } from "vitest";

import { decimalText, moneyText, parseAmount, timesQuantity } from "./money";

describe("an amount that was typed", () => {
  it.each([
    ["12000", 12_000],
    ["12,000", 12_000],
    ["39 000", 39_000],
    ["39\u00a0000", 39_000],
    ["39,000원", 39_000],
    ["39000 원", 39_000],
    ["₩39,000", 39_000],
    ["￦３９，０００", 39_000],
    ["KRW 500", 500],
    ["0", 0],
  ])("%s is understood", (text, amount) => expect(parseAmount(text, "KRW")).toBe(amount));

  it.each(["", "원", "12.5", "-1", "1e3", "12a", "9".repeat(16), "1원 2원"])("%j is no amount in won", (text) => {
    expect(parseAmount(text, "KRW")).toBeNull();
  });

  it("has as many decimals as its currency, and no more", () => {
    expect(parseAmount("12.5", "USD")).toBe(1250);
    expect(parseAmount("$1,234.56", "USD")).toBe(123_456);
    expect(parseAmount("0.005", "USD")).toBeNull();
  });
});

describe("money", () => {
  it("is written from its digits", () => {
    expect(decimalText({ amount: 1250, currency: "USD" })).toBe("12.50");
    expect(decimalText({ amount: -5, currency: "USD" })).toBe("-0.05");
    expect(decimalText({ amount: 39_000, currency: "KRW" })).toBe("39000");
  });

  it("ends in 원 for Korean readers", () => expect(moneyText({ amount: 39_000, currency: "KRW" })).toBe("39,000원"));

  it("keeps its currency when it is counted", () => {
    expect(timesQuantity({ amount: 3, currency: "USD" }, 7)).toEqual({ amount: 21, currency: "USD" });
  });
});
