// Options ("colour", "size") and the variants that are their combinations. A variant names one value
// per option, in the order of the options.

/** As in the API; a test compares them (shared/domain/src/catalog/draft.rs). */
export const MOST_OPTIONS = 3;
export const MOST_VALUES = 30;
export const MOST_VARIANTS = 80;

export interface Option {
  name: string;
  values: string[];
}

interface Choosable {
  option_values: string[];
  available: number;
}

/** What is chosen of each option, in their order; null where nothing is yet. */
export type Choice = (string | null)[];

/**
 * Every combination of the options' values, the last option turning fastest. No options give the one
 * empty combination: a listing without options still has one variant.
 */
export function combinations(options: readonly Option[]): string[][] {
  return options.reduce<string[][]>((rows, option) => rows.flatMap((row) => option.values.map((value) => [...row, value])), [[]]);
}

/** The values in a comma-separated text: trimmed, no blanks, no repeats. */
export function splitValues(text: string): string[] {
  const values = text.split(/[,\n，、]/).map((value) => value.trim());
  return [...new Set(values.filter((value) => value !== ""))];
}

/** A name for a combination that can be the key of a map. */
export function combinationKey(values: readonly (string | null)[]): string {
  return JSON.stringify(values);
}

/** The variant of a complete choice, or null. */
export function findVariant<V extends Choosable>(variants: readonly V[], chosen: Choice): V | null {
  if (chosen.includes(null)) return null;
  const wanted = combinationKey(chosen);
  return variants.find((variant) => combinationKey(variant.option_values) === wanted) ?? null;
}

/**
 * What choosing `value` for the option at `index` would lead to, with the other choices kept: "missing"
 * when no variant has it, "sold_out" when those that have it are not in stock.
 */
export function valueState(variants: readonly Choosable[], chosen: Choice, index: number, value: string) {
  const candidates = variants.filter(
    (variant) =>
      variant.option_values[index] === value &&
      chosen.every((other, at) => at === index || other === null || variant.option_values[at] === other),
  );
  if (candidates.length === 0) return "missing" as const;
  return candidates.some((variant) => variant.available > 0) ? ("available" as const) : ("sold_out" as const);
}

/** The choice to start from: an option that has a single value is chosen, and the rest is left to the buyer. */
export function initialChoice(options: readonly Option[]): Choice {
  return options.map((option) => (option.values.length === 1 ? (option.values[0] ?? null) : null));
}
