// Money is an integer number of minor units with a currency, as in the API: KRW has no minor unit and
// USD has two digits of it. Nothing here computes a price; the server does.

import { language, locale } from "./language";

export interface Money {
  amount: number;
  currency: string;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, { style: "currency", currency });
  formatters.set(key, made);
  return made;
}

/** How many digits of a currency stand after the decimal point (ISO 4217). */
export function minorDigits(currency: string): number {
  return formatter(currency, "en").resolvedOptions().maximumFractionDigits ?? 0;
}

/**
 * The amount as a plain decimal text in major units: 1250 USD is "12.50". It is made from digits, not
 * by dividing, so that no rounding can creep in.
 */
export function decimalText({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  if (digits === 0) return String(amount);
  const sign = amount < 0 ? "-" : "";
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Money as people read it: "12,000원" in Korean, "₩12,000" in English, "$12.50" in both. */
export function moneyText(money: Money): string {
  if (money.currency === "KRW" && language() === "ko") {
    return `${new Intl.NumberFormat(locale()).format(money.amount)}원`;
  }
  return formatter(money.currency, locale()).format(Number(decimalText(money)));
}

/**
 * Reads what a person typed ("12,000", "39 000", "39,000원", "₩39,000", "12.5") into minor units; null
 * when it is not an amount of this currency. More decimals than the currency has are refused, not
 * rounded.
 */
export function parseAmount(text: string, currency: string): number | null {
  const digits = minorDigits(currency);
  const plain = text.normalize("NFKC").replace(/[\s,'’]/g, "").replace(/^(?:₩|krw|\$|usd)|(?:원|krw|usd)$/gi, "");
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(plain);
  if (!match) return null;
  const fraction = match[2] ?? "";
  if (fraction.length > digits) return null;
  const amount = Number(match[1] + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(amount) ? amount : null;
}

/** Unit price times quantity, for a preview that the server confirms later. */
export function timesQuantity<M extends Money>(price: M, quantity: number): M {
  return { ...price, amount: price.amount * quantity };
}
