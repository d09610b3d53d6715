// What is sold, read from what was written: the options, and the price and stock of each combination.

import type { FieldErrors } from "../kit/form";
import { parseAmount } from "../lib/money";
import { MOST_VALUES, MOST_VARIANTS, type Option, combinationKey, combinations, splitValues } from "../listing/variants";
import { t } from "../texts/texts";
import type { Draft, WrittenOption, WrittenVariant } from "./draft";

export const CURRENCY = "KRW";
/** As in the API. */
export const MOST_STOCK = 1_000_000;

interface SoldVariant {
  option_values: string[];
  price: { amount: number; currency: typeof CURRENCY };
  stock: number;
}

export interface Sold {
  options: Option[];
  variants: SoldVariant[];
}

/** The options as the API takes them. */
export function optionsOf(written: readonly WrittenOption[]): Option[] {
  return written.map(({ name, text }) => ({ name: name.trim(), values: splitValues(text) }));
}

/** The combinations to be shown: an option still without values does not empty the table. */
export function shownCombinations(written: readonly WrittenOption[]): string[][] {
  return combinations(optionsOf(written).filter((option) => option.values.length > 0));
}

export function typedFor({ typed }: Draft["variants"], values: readonly string[]): WrittenVariant {
  const key = combinationKey(values);
  return typed.find(([other]) => other === key)?.[1] ?? { price: "", stock: "" };
}

/** What is sold, or what is wrong with it by the names of the fields. */
export function readSold(written: Draft["variants"]): { sold: Sold } | { errors: FieldErrors } {
  const options = optionsOf(written.options);
  const errors: FieldErrors = {};
  options.forEach(({ name, values }, index) => {
    if (name === "") errors[`options.${index}.name`] = t("sell.option_incomplete");
    if (values.length === 0 || values.length > MOST_VALUES) errors[`options.${index}.values`] = t("sell.option_incomplete");
  });
  if (Object.keys(errors).length > 0) return { errors };
  const made = combinations(options);
  if (made.length > MOST_VARIANTS) return { errors: { variants: t("sell.too_many_variants", { count: made.length, most: MOST_VARIANTS }) } };
  const variants = made.map((values, index) => {
    const typed = typedFor(written, values);
    const price = parseAmount(typed.price, CURRENCY);
    const stock = parseAmount(typed.stock, CURRENCY);
    if (price === null) errors[`variants.${index}.price`] = t("sell.price_wrong");
    if (stock === null || stock > MOST_STOCK) errors[`variants.${index}.stock`] = t("sell.stock_wrong");
    return { option_values: values, price: { amount: price ?? 0, currency: CURRENCY as typeof CURRENCY }, stock: stock ?? 0 };
  });
  return Object.keys(errors).length > 0 ? { errors } : { sold: { options, variants } };
}
