// Money is an integer number of minor units with a currency, as in the API:
// KRW has no minor unit and USD has two digits of it. Nothing here computes a
// price; the server does. This module only writes and reads money for people.

const formatters = new Map();

function formatter(currency, locale) {
  const key = `${locale} ${currency}`;
  if (!formatters.has(key)) {
    formatters.set(key, new Intl.NumberFormat(locale, { style: "currency", currency }));
  }
  return formatters.get(key);
}

/** How many digits of a currency stand after the decimal point (ISO 4217). */
export function minorDigits(currency) {
  return formatter(currency, "en").resolvedOptions().maximumFractionDigits;
}

/**
 * The amount as a plain decimal text in major units: 1250 USD is "12.50".
 * It is made from digits, not by dividing, so that no rounding can creep in.
 */
export function decimalText({ amount, currency }) {
  const digits = minorDigits(currency);
  if (digits === 0) return String(amount);
  const sign = amount < 0 ? "-" : "";
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Money as people read it, for example "₩12,000" or "$12.50". */
export function formatMoney(money, locale) {
  return formatter(money.currency, locale).format(Number(decimalText(money)));
}

/**
 * Reads what a person typed ("12,000", "12.5") into minor units, or null when
 * it is not an amount of this currency. Grouping commas and blanks are
 * ignored; more decimals than the currency has are refused, not rounded.
 */
export function parseAmount(text, currency) {
  const digits = minorDigits(currency);
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(String(text).replace(/[\s,]/g, ""));
  if (!match) return null;
  const fraction = match[2] ?? "";
  if (fraction.length > digits) return null;
  const amount = Number(match[1] + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(amount) ? amount : null;
}

/** Unit price times quantity, for a preview that the server confirms later. */
export function timesQuantity({ amount, currency }, quantity) {
  return { amount: amount * quantity, currency };
}
