import test from "node:test";
import assert from "node:assert/strict";
import { decimalText, formatMoney, minorDigits, parseAmount, timesQuantity } from "../public/js/money.js";

const won = (amount) => ({ amount, currency: "KRW" });
const dollars = (amount) => ({ amount, currency: "USD" });

test("won has no minor unit and dollar has two digits", () => {
  assert.equal(minorDigits("KRW"), 0);
  assert.equal(minorDigits("USD"), 2);
});

test("won is written without decimals in both languages", () => {
  assert.equal(formatMoney(won(12000), "ko-KR"), "₩12,000");
  assert.equal(formatMoney(won(12000), "en-US"), "₩12,000");
  assert.equal(formatMoney(won(0), "ko-KR"), "₩0");
});

test("dollars are written from cents", () => {
  assert.equal(formatMoney(dollars(1250), "en-US"), "$12.50");
  assert.equal(formatMoney(dollars(5), "en-US"), "$0.05");
  assert.equal(formatMoney(dollars(-5), "en-US"), "-$0.05");
});

test("the decimal text is exact for every cent of a range", () => {
  for (let cents = 0; cents <= 2500; cents += 1) {
    assert.equal(parseAmount(decimalText(dollars(cents)), "USD"), cents);
  }
});

test("large amounts keep every digit", () => {
  assert.equal(decimalText(dollars(900719925474099)), "9007199254740.99");
});

test("typed amounts may have grouping commas and blanks", () => {
  assert.equal(parseAmount(" 12,000 ", "KRW"), 12000);
  assert.equal(parseAmount("1 234.5", "USD"), 123450);
});

test("what is not an amount of the currency is refused, not rounded", () => {
  for (const text of ["", "12.5", "-1", "1e3", "십만", "12.", "0x10", "1234567890123456"]) {
    assert.equal(parseAmount(text, "KRW"), null, text);
  }
  assert.equal(parseAmount("1.999", "USD"), null);
  assert.equal(parseAmount("999999999999999.99", "USD"), null);
});

test("a preview multiplies by quantity in minor units", () => {
  assert.deepEqual(timesQuantity(dollars(1999), 3), dollars(5997));
});
