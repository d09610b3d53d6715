// The colours of both looks are checked against WCAG 2.2, 1.4.3 and 1.4.11.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../public/css/jangteo.css", import.meta.url), "utf8");
const [lightPart = "", darkPart = ""] = css.split("@media (prefers-color-scheme: dark)");

function colours(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]));
}

const light = colours(lightPart);
const looks = { light, dark: { ...light, ...colours(darkPart) } };

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one = "", other = ""): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const TEXTS = [
  ["ink", "paper"],
  ["ink", "surface"],
  ["ink", "sunken"],
  ["ink-soft", "paper"],
  ["ink-soft", "surface"],
  ["ink-soft", "sunken"],
  ["accent", "paper"],
  ["accent", "surface"],
  ["on-accent", "accent"],
  ["on-accent", "accent-deep"],
  ["pine", "pine-wash"],
  ["pine", "paper"],
  ["danger", "danger-wash"],
  ["danger", "surface"],
  ["danger", "paper"],
  ["paper", "ink"],
] as const;
const EDGES = [
  ["line-strong", "surface"],
  ["line-strong", "paper"],
  ["accent", "paper"],
  ["pine", "surface"],
] as const;

describe.each(Object.entries(looks))("in the %s look", (_, of) => {
  it.each(TEXTS)("%s on %s can be read", (front, ground) => expect(contrast(of[front], of[ground])).toBeGreaterThanOrEqual(4.5));
  it.each(EDGES)("%s on %s can be seen", (front, ground) => expect(contrast(of[front], of[ground])).toBeGreaterThanOrEqual(3));
});
