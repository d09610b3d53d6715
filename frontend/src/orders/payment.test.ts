import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";

import en from "../texts/en/payment";
import ko from "../texts/ko/payment";
import { setTexts } from "../texts/texts";
import { declineAdvice } from "./payment";

const api = JSON.parse(readFileSync(new URL("../../../infra/api/openapi.json", import.meta.url), "utf8"));
const reasons: string[] = api.paths["/payments/confirm"].post.responses["402"].content["application/problem+json"].schema.properties.reason.enum;

describe.each<[string, Record<string, string>]>([["ko", ko], ["en", en]])("advice about a refused card (%s)", (_, texts) => {
  beforeEach(() => setTexts(texts));

  it("is there for every reason that the API has and for no other, each with its own words", () => {
    const keys = Object.keys(texts).filter((key) => key.startsWith("pay.advice."));
    expect(keys.sort()).toEqual(reasons.map((reason) => `pay.advice.${reason}`).sort());
    expect(new Set(reasons.map(declineAdvice)).size).toBe(reasons.length);
  });

  it("is the one that always helps for a reason that the page does not know", () => {
    expect(declineAdvice("limit_exceeded")).toBe(texts["pay.advice.limit_exceeded"]);
    expect(declineAdvice("struck_by_lightning")).toBe(texts["pay.advice.other"]);
  });

  it("is not given for what is no refusal of a card", () => {
    expect(declineAdvice(null)).toBeNull();
  });
});
