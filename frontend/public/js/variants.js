// Options ("colour", "size") and the variants that are their combinations.
// A variant names one value per option, in the order of the options.

export const MOST_OPTIONS = 3;
export const MOST_VALUES = 30;
export const MOST_VARIANTS = 100;

/**
 * Every combination of the options' values, the last option turning fastest.
 * No options give the one empty combination: a listing without options still
 * has one variant.
 */
export function combinations(options) {
  return options.reduce(
    (rows, option) => rows.flatMap((row) => option.values.map((value) => [...row, value])),
    [[]],
  );
}

/** The values in a comma-separated text: trimmed, no blanks, no repeats. */
export function splitValues(text) {
  const values = String(text).split(/[,\n，、]/).map((value) => value.trim());
  return [...new Set(values.filter((value) => value !== ""))];
}

/** A name for a combination that can be the key of a map. */
export function combinationKey(values) {
  return JSON.stringify(values);
}

function agrees(variant, chosen, except) {
  return chosen.every(
    (value, index) => index === except || value === null || variant.option_values[index] === value,
  );
}

/** The variant of a complete choice (one value per option), or null. */
export function findVariant(variants, chosen) {
  if (chosen.some((value) => value === null)) return null;
  const wanted = combinationKey(chosen);
  return variants.find((variant) => combinationKey(variant.option_values) === wanted) ?? null;
}

/**
 * What choosing `value` for the option at `index` would lead to, with the
 * other choices (null for "not yet") kept: "available", "sold_out" when such
 * variants exist but none is in stock, "missing" when there is none.
 */
export function valueState(variants, chosen, index, value) {
  const candidates = variants.filter(
    (variant) => variant.option_values[index] === value && agrees(variant, chosen, index),
  );
  if (candidates.length === 0) return "missing";
  return candidates.some((variant) => variant.available > 0) ? "available" : "sold_out";
}

/**
 * The choice to start from: each option that has a single value is chosen, and
 * the rest is left to the buyer.
 */
export function initialChoice(options) {
  return options.map((option) => (option.values.length === 1 ? option.values[0] : null));
}
