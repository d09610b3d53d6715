// Promises about the sources themselves, which a strict Content-Security-Policy and attack 65 (text of others
// must stay text) rest on.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { KEPT } from "../lib/storage";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const sources = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.startsWith("build/"))
  .map((name) => `src/${name}`);
const pages = readdirSync(root).filter((name) => name.endsWith(".html"));
const served = [...sources, ...pages, "public/boot.js", "public/css/jangteo.css"];

it("there are sources", () => expect(sources.length).toBeGreaterThan(50));

describe.each(sources)("%s", (path) => {
  it("attack_65 makes no markup of text", () => {
    const ways =
      /\.(innerHTML|outerHTML)\b|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|createContextualFragment|setHTMLUnsafe|DOMParser/;
    expect(read(path)).not.toMatch(ways);
  });

  it("puts into no address what was typed into a form, even if it is sent before its script runs", () => {
    for (const [tag] of read(path).matchAll(/<form\b[^>]*>/g)) expect(tag).toContain('method="post"');
  });

  it("shows the focus of every choice of a file", () => {
    const text = read(path);
    const inputs = text.match(/type="file"/g) ?? [];
    const buttons = text.match(/<label class="[^"]*file-button">\s*<span>.*<\/span>\s*<input\b[^>]*type="file"/g) ?? [];
    expect(buttons).toHaveLength(inputs.length);
  });
});

describe.each(served)("%s", (path) => {
  it("loads nothing from another host but the payment provider's script", () => {
    const code = read(path).replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
    const hosts = [...code.matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host);
    // The schema has examples of addresses.
    if (path !== "src/api/schema.d.ts") expect(hosts.filter((host) => host !== "js.tosspayments.com")).toEqual([]);
  });
});

describe.each(pages)("%s", (page) => {
  it("has an entry that is there", () => {
    const entry = /<script type="module" src="\/([^"]+)"/.exec(read(page))?.[1] ?? "";
    expect(existsSync(new URL(entry, root)), entry).toBe(true);
  });
});

it("every entry has a page", () => {
  const entries = sources.filter((path) => path.startsWith("src/pages/") && path !== "src/pages/start.tsx");
  const named = pages.map((page) => /src="\/(src\/pages\/[^"]+)"/.exec(read(page))?.[1]);
  expect(named.sort()).toEqual(entries.sort());
});

it("everything that stays on the device is told in the README, and nothing else", () => {
  const told = [...read("README.md").matchAll(/^\| (session|local) storage \| `([\w.*]+)/gm)].map(([, where, name]) => `${where} ${name}`);
  // What boot.js reads is no module's.
  const kept = [...KEPT.tab.map((name) => `session ${name}`), ...KEPT.device.map((name) => `local ${name}`), "local language"];
  expect(told.sort()).toEqual(kept.sort());
});
