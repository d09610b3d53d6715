import test from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { declineAdvice } from "../public/js/decline.js";
import { TABLES } from "../public/js/i18n.js";

const api = JSON.parse(readFileSync(new URL("../../infra/api/openapi.json", import.meta.url), "utf8"));
const declined = api.paths["/payments/confirm"].post.responses["402"].content["application/problem+json"];
const reasons = declined.schema.properties.reason.enum;

test("there is advice of its own in both languages for every reason that the API has, and for no other", () => {
  const known = Object.keys(TABLES.ko).filter((key) => key.startsWith("pay.advice.")).sort();
  assert.deepEqual(known, reasons.map((reason) => `pay.advice.${reason}`).sort());
  for (const table of Object.values(TABLES)) {
    assert.equal(new Set(known.map((key) => table[key])).size, reasons.length);
  }
});

test("a reason that nobody knows yet gets the advice that always helps, and no reason gets none", () => {
  assert.equal(declineAdvice("limit_exceeded"), TABLES.ko["pay.advice.limit_exceeded"]);
  assert.equal(declineAdvice("a_reason_of_next_year"), TABLES.ko["pay.advice.other"]);
  assert.equal(declineAdvice(null), null);
});

test("the example of the API has a reason that it lists", () => {
  assert.ok(reasons.includes(declined.examples["payments.declined"].value.reason));
});
