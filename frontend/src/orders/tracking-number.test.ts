import { describe, expect, it } from "vitest";

import { isTrackingNumber } from "./tracking-number";

describe("a tracking number", () => {
  it.each(["680312345678", "6803 1234 5678", "6803-1234-5678", "6803‑1234", "EB123456789KR", "６８０３１"])("may be %s", (typed) => {
    expect(isTrackingNumber(typed)).toBe(true);
  });

  it.each(["", "1234", "1 2 3 4", "가나다라마", "12345/../", "1".repeat(41)])("is not %s", (typed) => {
    expect(isTrackingNumber(typed)).toBe(false);
  });
});
