import { describe, expect, it } from "vitest";

import { fieldForPointer, pointerSegments, sortErrors } from "./pointers";

describe("a pointer", () => {
  it("reaches the field of the same path", () => {
    expect(fieldForPointer("/contact/email", ["contact.email", "contact.name"])).toBe("contact.email");
    expect(fieldForPointer("#/title", ["title"])).toBe("title");
  });

  it("reaches the nearest field above it when it is deeper", () => {
    const names = ["variants.2.price", "variants", "lines"];
    expect(fieldForPointer("/variants/2/price/amount", names)).toBe("variants.2.price");
    expect(fieldForPointer("/variants/9/stock", names)).toBe("variants");
    expect(fieldForPointer("/lines/0/quantity", names)).toBe("lines");
  });

  it.each(["/unknown", "", "title", undefined, null, "/"])("that meets no field, such as %j, belongs to the form", (pointer) => {
    expect(fieldForPointer(pointer, ["title"])).toBeNull();
  });

  it("has its escapes read in the right order", () => {
    expect(pointerSegments("/a~1b/c~0d/~01")).toEqual(["a/b", "c~d", "~1"]);
  });
});

describe("what is wrong", () => {
  const problem = (pointer: string, detail: string) => ({ pointer, detail, code: "invalid" });

  it("is sorted by field, and several of one field are all kept, each once", () => {
    const { fields, rest } = sortErrors([problem("/title", "too short"), problem("/title", "no emoji"), problem("/nowhere", "hm")], ["title"]);
    expect(fields.get("title")).toEqual(["too short", "no emoji"]);
    expect(rest).toEqual(["hm"]);
    const twice = [problem("/title", "bad"), problem("/title/0", "bad")];
    expect(sortErrors(twice, ["title"]).fields.get("title")).toEqual(["bad"]);
    expect(sortErrors(twice, []).rest).toEqual(["bad"]);
  });
});
