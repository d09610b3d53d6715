import test from "node:test";
import assert from "node:assert/strict";
import { isWebAddress, safeReturnPath } from "../public/js/paths.js";

test("a path of this site is kept with its query", () => {
  assert.equal(safeReturnPath("/sell.html?a=1#top"), "/sell.html?a=1#top");
});

test("a return path never leaves this site", () => {
  const tricks = [
    "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)",
    "/\t/evil.example", "\n//evil.example", "", null, undefined, "sell.html",
  ];
  for (const path of tricks) {
    assert.equal(safeReturnPath(path), "/", String(path));
  }
});

test("only web addresses are opened", () => {
  assert.equal(isWebAddress("https://pay.example/w?x=1"), true);
  assert.equal(isWebAddress("/_local/toss/window", "http://localhost:3000"), true);
  assert.equal(isWebAddress("javascript:alert(1)", "http://localhost:3000"), false);
  assert.equal(isWebAddress("data:text/html,x", "http://localhost:3000"), false);
  assert.equal(isWebAddress("::", undefined), false);
});
