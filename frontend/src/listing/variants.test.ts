import { describe, expect, it } from "vitest";

import { combinationKey, combinations, findVariant, initialChoice, splitValues, valueState } from "./variants";

const colour = { name: "colour", values: ["white", "black"] };
const size = { name: "size", values: ["S", "L"] };
const variants = [
  { id: "1", option_values: ["white", "S"], available: 3 },
  { id: "2", option_values: ["white", "L"], available: 0 },
  { id: "3", option_values: ["black", "S"], available: 1 },
];

describe("combinations", () => {
  it("are the product, the last option turning fastest", () => {
    expect(combinations([colour, size])).toEqual([["white", "S"], ["white", "L"], ["black", "S"], ["black", "L"]]);
  });

  it("are one without options, and none with an option without values", () => {
    expect(combinations([])).toEqual([[]]);
    expect(combinations([{ name: "colour", values: [] }])).toEqual([]);
  });

  it("with the same text once joined are not mixed up", () => {
    expect(combinationKey(["a,b", "c"])).not.toBe(combinationKey(["a", "b,c"]));
  });
});

describe("a choice", () => {
  it("that is complete leads to its variant and no other", () => {
    expect(findVariant(variants, ["black", "S"])?.id).toBe("3");
    expect(findVariant(variants, ["black", "L"])).toBeNull();
    expect(findVariant(variants, ["black", null])).toBeNull();
  });

  it("shows what each value would lead to", () => {
    expect(valueState(variants, [null, "L"], 0, "white")).toBe("sold_out");
    expect(valueState(variants, [null, "L"], 0, "black")).toBe("missing");
    expect(valueState(variants, [null, null], 0, "black")).toBe("available");
  });

  it("begins with what has a single value", () => {
    expect(initialChoice([{ name: "size", values: ["one"] }, colour])).toEqual(["one", null]);
    expect(findVariant([{ option_values: [], available: 1 }], initialChoice([]))).not.toBeNull();
  });
});

it("typed values are trimmed, without blanks and repeats", () => {
  expect(splitValues(" white ,black,, white、 grey\n")).toEqual(["white", "black", "grey"]);
});
