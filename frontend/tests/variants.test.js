import test from "node:test";
import assert from "node:assert/strict";
import {
  combinations, findVariant, initialChoice, splitValues, valueState,
} from "../public/js/variants.js";

const options = [
  { name: "색", values: ["빨강", "파랑"] },
  { name: "크기", values: ["S", "M", "L"] },
];
const variants = [
  { id: "var_1", option_values: ["빨강", "S"], available: 3 },
  { id: "var_2", option_values: ["빨강", "M"], available: 0 },
  { id: "var_3", option_values: ["파랑", "M"], available: 1 },
];

test("combinations are the product, the last option turning fastest", () => {
  assert.deepEqual(combinations(options), [
    ["빨강", "S"], ["빨강", "M"], ["빨강", "L"],
    ["파랑", "S"], ["파랑", "M"], ["파랑", "L"],
  ]);
});

test("no options give one variant, and an option without values gives none", () => {
  assert.deepEqual(combinations([]), [[]]);
  assert.deepEqual(combinations([{ name: "색", values: [] }]), []);
});

test("the number of combinations is the product of the numbers of values", () => {
  for (const counts of [[1], [2, 3], [4, 5, 5], [30, 1, 3]]) {
    const made = combinations(counts.map((count) => ({
      values: Array.from({ length: count }, (_, index) => `v${index}`),
    })));
    assert.equal(made.length, counts.reduce((product, count) => product * count, 1));
    assert.equal(new Set(made.map(String)).size, made.length);
  }
});

test("a complete choice maps to its variant and no other", () => {
  assert.equal(findVariant(variants, ["빨강", "M"]).id, "var_2");
  assert.equal(findVariant(variants, ["파랑", "M"]).id, "var_3");
  assert.equal(findVariant(variants, ["파랑", "L"]), null);
  assert.equal(findVariant(variants, ["빨강", null]), null);
});

test("values with the same text once joined are not mixed up", () => {
  const tricky = [
    { id: "var_a", option_values: ["a,b", "c"], available: 1 },
    { id: "var_b", option_values: ["a", "b,c"], available: 1 },
  ];
  assert.equal(findVariant(tricky, ["a", "b,c"]).id, "var_b");
});

test("a listing without options has its one variant chosen at once", () => {
  const single = [{ id: "var_1", option_values: [], available: 5 }];
  assert.equal(findVariant(single, initialChoice([])).id, "var_1");
});

test("each value shows what choosing it would lead to", () => {
  assert.equal(valueState(variants, [null, null], 0, "빨강"), "available");
  assert.equal(valueState(variants, [null, "M"], 0, "빨강"), "sold_out");
  assert.equal(valueState(variants, ["파랑", null], 1, "S"), "missing");
  assert.equal(valueState(variants, ["파랑", "S"], 1, "M"), "available");
});

test("only options with a single value are chosen beforehand", () => {
  assert.deepEqual(initialChoice([{ values: ["하나"] }, { values: ["S", "M"] }]), ["하나", null]);
});

test("typed values are trimmed, without blanks and repeats", () => {
  assert.deepEqual(splitValues(" 빨강, 파랑 ,,빨강\n초록"), ["빨강", "파랑", "초록"]);
  assert.deepEqual(splitValues("  "), []);
});
