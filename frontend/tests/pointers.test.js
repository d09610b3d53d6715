import test from "node:test";
import assert from "node:assert/strict";
import { fieldForPointer, pointerSegments, sortErrors } from "../public/js/pointers.js";

test("a pointer reaches the field of the same path", () => {
  assert.equal(fieldForPointer("/contact/email", ["contact.email", "contact.name"]), "contact.email");
  assert.equal(fieldForPointer("#/title", ["title"]), "title");
});

test("a deeper pointer reaches the nearest field above it", () => {
  const names = ["variants.2.price", "variants", "lines"];
  assert.equal(fieldForPointer("/variants/2/price/amount", names), "variants.2.price");
  assert.equal(fieldForPointer("/variants/9/stock", names), "variants");
  assert.equal(fieldForPointer("/lines/0/quantity", names), "lines");
});

test("a pointer that meets no field belongs to the form", () => {
  for (const pointer of ["/unknown", "", "title", undefined, null, "/"]) {
    assert.equal(fieldForPointer(pointer, ["title"]), null);
  }
});

test("escapes of the pointer syntax are read in the right order", () => {
  assert.deepEqual(pointerSegments("/a~1b/c~0d/~01"), ["a/b", "c~d", "~1"]);
});

test("errors are sorted by field, and several of one field are all kept, each once", () => {
  const { fields, rest } = sortErrors(
    [
      { pointer: "/title", detail: "too short" },
      { pointer: "/title", detail: "no emoji" },
      { pointer: "/nowhere", detail: "hm" },
    ],
    ["title"],
  );
  assert.deepEqual(fields.get("title"), ["too short", "no emoji"]);
  assert.deepEqual(rest, ["hm"]);
  const twice = [{ pointer: "/title", detail: "bad" }, { pointer: "/title/0", detail: "bad" }];
  assert.deepEqual(sortErrors(twice, ["title"]).fields.get("title"), ["bad"]);
  assert.deepEqual(sortErrors(twice, []).rest, ["bad"]);
  assert.deepEqual(sortErrors(undefined, ["title"]).rest, []);
});
