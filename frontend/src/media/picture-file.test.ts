import { describe, expect, it } from "vitest";

import { MOST_BYTES, planUpload, pollDelay, sniffPicture } from "./picture-file";

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((letter) => letter.charCodeAt(0)) : part)));

describe("the kind of a picture", () => {
  it.each([
    [bytes([0xff, 0xd8, 0xff, 0xe1], "12345678"), "image/jpeg"],
    [bytes([0x89], "PNG\r\n", [0x1a, 10], "1234"), "image/png"],
    [bytes("RIFF", [1, 2, 3, 4], "WEBP"), "image/webp"],
    [bytes([0, 0, 0, 24], "ftypheic"), "image/heic"],
    [bytes([0, 0, 0, 24], "ftypisom"), null],
    [bytes("<svg xmlns='"), null],
    [bytes("GIF89a......"), null],
    [bytes(), null],
  ])("is told by its first bytes: %s is %s", (first, kind) => expect(sniffPicture(first)).toBe(kind));
});

describe("a file", () => {
  it("is uploaded as it is up to the limit, and a larger JPEG is shrunk", () => {
    expect(planUpload("image/jpeg", MOST_BYTES)).toEqual({ do: "upload", type: "image/jpeg" });
    expect(planUpload("image/jpeg", MOST_BYTES + 1)).toEqual({ do: "shrink", type: "image/jpeg" });
    expect(planUpload("image/png", MOST_BYTES + 1)).toEqual({ do: "refuse", why: "too_large" });
    expect(planUpload("image/heic", 10)).toEqual({ do: "refuse", why: "heic" });
    expect(planUpload(null, 10)).toEqual({ do: "refuse", why: "unknown" });
    expect(planUpload("image/jpeg", 0)).toEqual({ do: "refuse", why: "unknown" });
  });
});

describe("asking again", () => {
  it("slows down from half a second to three", () => {
    const delays = Array.from({ length: 12 }, (_, attempt) => pollDelay(attempt));
    expect(delays[0]).toBe(500);
    expect(delays.at(-1)).toBe(3000);
    expect(delays).toEqual([...delays].sort((one, other) => one - other));
  });
});
