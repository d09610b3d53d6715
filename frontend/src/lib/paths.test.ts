import { describe, expect, it } from "vitest";

import { isWebAddress, safeReturnPath } from "./paths";

describe("the path to return to", () => {
  it.each(["/", "/listing.html?id=lst_1#x", "/a//b"])("%s is ours", (path) => expect(safeReturnPath(path)).toBe(path));

  it.each([null, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/\u0000", "a/b"])(
    "%j leads home",
    (path) => expect(safeReturnPath(path)).toBe("/"),
  );
});

describe("an address of the web", () => {
  it("is http or https", () => {
    expect(isWebAddress("https://shop.example/a")).toBe(true);
    expect(isWebAddress("/a", "https://shop.example")).toBe(true);
    expect(isWebAddress("javascript:alert(1)", "https://shop.example")).toBe(false);
    expect(isWebAddress("no address")).toBe(false);
  });
});
