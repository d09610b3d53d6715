// The texts of the page at hand, in one language. Each page loads its own bundle: see page.tsx.
//
// A text may name values, `{count}`; a Korean one may ask for the particle that fits after a value,
// `{name|을/를}`; one that depends on a number is an object of plural forms (CLDR), chosen by `count`.

import { language, locale } from "../lib/language";
import type { TextKey } from "./keys";

export type Text = string | { one: string; other: string };
export type Texts = Record<string, Text>;
export type Values = Record<string, string | number>;

let texts: Texts = {};

/** Sets the texts of this page. */
export function setTexts(bundle: Texts): void {
  texts = bundle;
}

/** Adds the texts of a part that is loaded when it is needed. */
export function addTexts(bundle: Texts): void {
  texts = { ...texts, ...bundle };
}

/** Whether the page has a text of this name. */
export function hasText(key: string): key is TextKey {
  return Object.hasOwn(texts, key);
}

/** A text with its values. A name without a text is shown as it is, so that it is seen. */
export function t(key: TextKey, values: Values = {}): string {
  const found = texts[key] ?? key;
  const text = typeof found === "string" ? found : found[plural(values.count)];
  return text.replace(/\{(\w+)(?:\|([^}/]*)\/([^}]*))?\}/g, (whole, name: string, closed?: string, open?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    const shown = typeof value === "number" ? value.toLocaleString(locale()) : value;
    return closed === undefined ? shown : shown + particle(shown, closed, open ?? "");
  });
}

function plural(count: string | number | undefined): "one" | "other" {
  return new Intl.PluralRules(language()).select(Number(count)) === "one" ? "one" : "other";
}

/** How digits end when they are read in Korean: 영 일 이 삼 사 오 육 칠 팔 구. */
const DIGITS_CLOSED = "013678";
/** Latin letters whose Korean name, or the usual sound at a word's end, ends in a consonant. */
const LETTERS_CLOSED = "lmnrbkpt";

/**
 * The particle after a word: the first form after a final consonant, else the second. For 으로/로 a
 * final ㄹ counts as none.
 */
export function particle(word: string, closed: string, open: string): string {
  const last = [...word.normalize("NFC").replace(/[^\p{L}\p{N}]+$/u, "")].at(-1)?.toLowerCase() ?? "";
  const code = last.codePointAt(0) ?? 0;
  const takesRo = closed === "으로";
  if (code >= 0xac00 && code <= 0xd7a3) {
    const final = (code - 0xac00) % 28;
    return final === 0 || (takesRo && final === 8) ? open : closed;
  }
  if (/\d/.test(last)) return DIGITS_CLOSED.includes(last) && !(takesRo && "178".includes(last)) ? closed : open;
  return LETTERS_CLOSED.includes(last) && !(takesRo && last === "l") ? closed : open;
}
