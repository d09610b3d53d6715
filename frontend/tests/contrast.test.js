// The colours of both looks are checked against WCAG 2.2, 1.4.3 and 1.4.11.
import test from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const css = readFileSync(new URL("../public/css/jangteo.css", import.meta.url), "utf8");
const [lightPart, darkPart] = css.split("@media (prefers-color-scheme: dark)");
const colours = (text) => Object.fromEntries(
  [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]));
const light = colours(lightPart);
const looks = { light, dark: { ...light, ...colours(darkPart) } };

function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const TEXTS = [
  ["ink", "paper"], ["ink", "surface"], ["ink", "sunken"], ["ink-soft", "paper"], ["ink-soft", "surface"],
  ["ink-soft", "sunken"], ["accent", "paper"], ["accent", "surface"], ["on-accent", "accent"],
  ["on-accent", "accent-deep"], ["pine", "pine-wash"], ["pine", "paper"], ["danger", "danger-wash"],
  ["danger", "surface"], ["danger", "paper"], ["paper", "ink"],
];
const EDGES = [["line-strong", "surface"], ["line-strong", "paper"], ["accent", "paper"]];

for (const [look, of] of Object.entries(looks)) {
  test(`in the ${look} look every text has a contrast of 4.5 and every edge of 3`, () => {
    for (const [front, ground] of TEXTS) {
      assert.ok(contrast(of[front], of[ground]) >= 4.5, `${front} on ${ground}: ${contrast(of[front], of[ground])}`);
    }
    for (const [front, ground] of EDGES) {
      assert.ok(contrast(of[front], of[ground]) >= 3, `${front} on ${ground}: ${contrast(of[front], of[ground])}`);
    }
  });
}
