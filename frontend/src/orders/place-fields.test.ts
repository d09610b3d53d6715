import { describe, expect, it } from "vitest";

import { isPostcode } from "./place-fields";

describe("a postcode", () => {
  it.each(["03187", " 03187 ", "０３１８７"])("may be %s", (text) => expect(isPostcode(text)).toBe(true));
  it.each(["", "135-080", "0318", "031870", "SW1A 1AA"])("is not %s", (text) => expect(isPostcode(text)).toBe(false));
});
