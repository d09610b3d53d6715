import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";

import { MOST_OPTIONS, MOST_VALUES, MOST_VARIANTS, combinationKey } from "../listing/variants";
import { setTexts } from "../texts/texts";
import sell from "../texts/en/sell";
import { MOST_STOCK, readSold, shownCombinations } from "./sold";

beforeAll(() => setTexts(sell));

const server = readFileSync(new URL("../../../shared/domain/src/catalog/draft.rs", import.meta.url), "utf8");
const ofServer = (name: string) => Number(new RegExp(`${name}: \\w+ = ([\\d_]+)`).exec(server)?.[1]?.replaceAll("_", ""));

describe("the limits of a listing", () => {
  it.each(Object.entries({ MOST_OPTIONS, MOST_VALUES, MOST_VARIANTS, MOST_STOCK }))("%s is the server's", (name, most) => {
    expect(most).toBe(ofServer(name));
  });
});

const typed = (values: string[], price: string, stock: string): [string, { price: string; stock: string }] => [combinationKey(values), { price, stock }];

describe("what is sold", () => {
  it("is one variant without options", () => {
    expect(readSold({ options: [], typed: [typed([], "12,000", "3")] })).toEqual({
      sold: { options: [], variants: [{ option_values: [], price: { amount: 12_000, currency: "KRW" }, stock: 3 }] },
    });
  });

  it("is every combination of the options", () => {
    const options = [{ name: " Colour ", text: "Red, Blue" }];
    const read = readSold({ options, typed: [typed(["Red"], "1", "0"), typed(["Blue"], "2", "5")] });
    expect(read).toMatchObject({ sold: { options: [{ name: "Colour", values: ["Red", "Blue"] }], variants: [{ stock: 0 }, { price: { amount: 2 } }] } });
  });

  it("is told what is missing, field by field", () => {
    expect(readSold({ options: [{ name: "", text: " , " }], typed: [] })).toEqual({
      errors: { "options.0.name": sell["sell.option_incomplete"], "options.0.values": sell["sell.option_incomplete"] },
    });
    const read = readSold({ options: [], typed: [typed([], "free", "1000001")] });
    expect(read).toEqual({ errors: { "variants.0.price": sell["sell.price_wrong"], "variants.0.stock": sell["sell.stock_wrong"] } });
  });

  it("is refused as a whole when it is too much", () => {
    const text = Array.from({ length: 9 }, (_, index) => String(index)).join(",");
    const read = readSold({ options: [{ name: "a", text }, { name: "b", text }], typed: [] });
    expect(read).toEqual({ errors: { variants: "That makes 81 combinations; at most 80 can be sold." } });
  });

  it("shows the table while an option is still empty", () => {
    expect(shownCombinations([{ name: "a", text: "1, 2" }, { name: "b", text: "" }])).toEqual([["1"], ["2"]]);
  });
});
