import test from "node:test";
import assert from "node:assert/strict";
import { agoText } from "../public/js/ui.js";

test("how long ago is told as people say it, and what is new is new", () => {
  const ago = (seconds) => agoText(new Date(Date.now() - 1000 * seconds));
  assert.equal(ago(-90), "방금", "a clock that is a little wrong");
  assert.equal(ago(5), "방금");
  assert.equal(ago(55), "방금");
  assert.equal(ago(119), "1분 전");
  assert.equal(ago(7300), "2시간 전");
  assert.equal(ago(86_500), "어제");
});
