import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { deliveryFee, deliveryRule } from "./delivery";

const server = readFileSync(new URL("../../../shared/domain/src/checkout/price.rs", import.meta.url), "utf8");
const won = (amount: number) => ({ amount, currency: "KRW" });

describe("the rule of delivery", () => {
  it.each(["KRW", "USD"])("is the server's for %s", (currency) => {
    const name = `${currency[0]}${currency.slice(1).toLowerCase()}`;
    const [, fee, freeFrom] = new RegExp(`Currency::${name} => \\(([\\d_]+), ([\\d_]+)\\)`).exec(server) ?? [];
    const number = (text?: string) => Number(text?.replaceAll("_", ""));
    expect(deliveryRule(currency)).toEqual({ fee: { amount: number(fee), currency }, freeFrom: { amount: number(freeFrom), currency } });
  });

  it("takes nothing from its threshold on", () => {
    const rule = deliveryRule("KRW");
    if (rule === null) throw new Error("there is one");
    expect(deliveryFee(rule, won(49_999))).toEqual(won(3_000));
    expect(deliveryFee(rule, won(50_000))).toEqual(won(0));
  });

  it("is not made up for another currency", () => {
    expect(deliveryRule("JPY")).toBeNull();
  });
});
