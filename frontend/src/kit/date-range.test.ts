import { describe, expect, it } from "vitest";

import { orderedRange } from "./date-range";

describe("a range", () => {
  const day = (number: number) => `2026-12-0${number}`;

  it("stays as it is while it is open or in order", () => {
    for (const range of [{ from: "", to: day(2) }, { from: day(2), to: "" }, { from: day(2), to: day(2) }, { from: day(1), to: day(3) }]) {
      expect(orderedRange(range, "from")).toEqual(range);
    }
  });

  it("follows the end that was changed", () => {
    expect(orderedRange({ from: day(5), to: day(3) }, "from")).toEqual({ from: day(5), to: day(5) });
    expect(orderedRange({ from: day(5), to: day(3) }, "to")).toEqual({ from: day(3), to: day(3) });
  });
});
