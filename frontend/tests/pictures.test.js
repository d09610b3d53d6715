import test from "node:test";
import assert from "node:assert/strict";
import { MOST_BYTES, planUpload, pollDelay, sniffPicture } from "../public/js/pictures.js";

const bytes = (...parts) => Uint8Array.from(
  parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part)),
);

test("pictures are told by their first bytes, whatever the name says", () => {
  assert.equal(sniffPicture(bytes([0xff, 0xd8, 0xff, 0xe1], "12345678")), "image/jpeg");
  assert.equal(sniffPicture(bytes([0x89], "PNG\r\n", [0x1a, 10], "1234")), "image/png");
  assert.equal(sniffPicture(bytes("RIFF", [1, 2, 3, 4], "WEBP")), "image/webp");
  assert.equal(sniffPicture(bytes([0, 0, 0, 24], "ftypheic")), "image/heic");
  assert.equal(sniffPicture(bytes([0, 0, 0, 24], "ftypisom")), null);
  assert.equal(sniffPicture(bytes("<svg xmlns='")), null);
  assert.equal(sniffPicture(bytes("GIF89a......")), null);
  assert.equal(sniffPicture(bytes()), null);
});

test("a file is uploaded as it is up to the limit, and a larger JPEG is shrunk", () => {
  assert.equal(planUpload("image/jpeg", MOST_BYTES), "upload");
  assert.equal(planUpload("image/jpeg", MOST_BYTES + 1), "shrink");
  assert.equal(planUpload("image/png", MOST_BYTES + 1), "too_large");
  assert.equal(planUpload("image/heic", 10), "heic");
  assert.equal(planUpload(null, 10), "unknown");
  assert.equal(planUpload("image/jpeg", 0), "unknown");
});

test("asking again slows down from half a second to three", () => {
  const delays = Array.from({ length: 12 }, (_, attempt) => pollDelay(attempt));
  assert.equal(delays[0], 500);
  assert.equal(delays.at(-1), 3000);
  assert.ok(delays.every((delay, index) => index === 0 || delay >= delays[index - 1]));
});
