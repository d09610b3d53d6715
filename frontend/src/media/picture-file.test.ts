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
    [bytes([0, 0, 0, 24], "ftypavif"), "image/avif"],
    [bytes([0, 0, 0, 24], "ftypisom"), null],
    [bytes("<svg xmlns='"), null],
    [bytes("GIF89a......"), null],
    [bytes(), null],
  ])("is told by its first bytes: %s is %s", (first, kind) => expect(sniffPicture(first)).toBe(kind));
});

describe("a file", () => {
  const small = { width: 1600, height: 1200 };
  const upload = (type: string) => ({ do: "upload", type });
  const convert = (why: string) => ({ do: "convert", else: why });

  it.each([
    ["image/jpeg", MOST_BYTES, small, upload("image/jpeg")],
    ["image/jpeg", MOST_BYTES + 1, small, convert("too_large")],
    ["image/png", MOST_BYTES + 1, small, convert("too_large")],
    ["image/jpeg", 1_100_000, { width: 8160, height: 6120 }, convert("too_large")],
    ["image/webp", 1_100_000, { width: 7000, height: 6000 }, convert("too_large")],
    ["image/jpeg", 4_000_000, { width: 4032, height: 3024 }, convert("too_large")],
    ["image/png", 4_000_000, { width: 4032, height: 3024 }, upload("image/png")],
    ["image/jpeg", 900_000, { width: 4032, height: 3024 }, upload("image/jpeg")],
    ["image/jpeg", 900_000, null, upload("image/jpeg")],
    ["image/heic", 10, null, convert("heic")],
    ["image/avif", 10, small, convert("avif")],
    [null, 10, null, { do: "refuse", why: "unknown" }],
    ["image/jpeg", 0, null, { do: "refuse", why: "unknown" }],
  ] as const)("%s of %i bytes and %j: %j", (kind, size, pixels, plan) => expect(planUpload(kind, size, pixels)).toEqual(plan));
});

describe("asking again", () => {
  it("slows down from half a second to three", () => {
    const delays = Array.from({ length: 12 }, (_, attempt) => pollDelay(attempt));
    expect(delays[0]).toBe(500);
    expect(delays.at(-1)).toBe(3000);
    expect(delays).toEqual([...delays].sort((one, other) => one - other));
  });
});
