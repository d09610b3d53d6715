import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { agoText, clockText } from "./time";

describe("how long ago", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
    vi.stubGlobal("document", { documentElement: { lang: "ko" } });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it.each([
    [-90, null],
    [5, null],
    [55, null],
    [119, "1분 전"],
    [7300, "2시간 전"],
    [86_500, "어제"],
  ])("%i seconds are told as %s", (seconds, text) => {
    expect(agoText(new Date(Date.now() - 1000 * seconds).toISOString())).toBe(text);
  });
});

describe("a countdown", () => {
  it.each([
    [0, "0:00"],
    [-5, "0:00"],
    [544_001, "9:05"],
    [3_600_000, "1:00:00"],
  ])("of %i ms reads %s", (left, text) => expect(clockText(left)).toBe(text));
});
