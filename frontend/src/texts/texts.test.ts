import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { particle, setTexts, t } from "./texts";

const here = new URL(".", import.meta.url);
const groups = readdirSync(new URL("ko/", here)).map((name) => name.replace(/\.ts$/, ""));
const bundle = async (language: string, group: string): Promise<Record<string, unknown>> =>
  ((await import(`./${language}/${group}.ts`)) as { default: Record<string, unknown> }).default;
const texts = (value: unknown) => (typeof value === "string" ? [value] : Object.values(value as Record<string, string>));
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name).sort();

describe("the texts", () => {
  it.each(groups)("of %s ask for the same values in both languages", async (group) => {
    const [ko, en] = [await bundle("ko", group), await bundle("en", group)];
    for (const [key, text] of Object.entries(ko)) {
      const [first] = texts(text);
      for (const other of [...texts(text), ...texts(en[key])]) {
        expect(new Set(placeholders(other)), key).toEqual(new Set(placeholders(first ?? "")));
      }
    }
  });

  it("of one name stand in one group", async () => {
    const seen = new Map<string, string>();
    for (const group of groups) {
      for (const key of Object.keys(await bundle("ko", group))) {
        expect(seen.get(key), key).toBeUndefined();
        seen.set(key, group);
      }
    }
  });
});

describe("a page", () => {
  const source = (path: string) => readFileSync(new URL(`../${path}`, here), "utf8");
  const pages = readdirSync(new URL("../pages/", here)).filter((name) => source(`pages/${name}`).includes("startPage("));

  /** The modules of ours that a module loads at once, itself among them. */
  function reached(path: string, found = new Set<string>()): Set<string> {
    if (found.has(path)) return found;
    found.add(path);
    for (const [, named] of source(path).matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)";/gms)) {
      const base = new URL(named ?? "", new URL(path, "file:///")).pathname.slice(1);
      const next = [`${base}.ts`, `${base}.tsx`].find((name) => {
        try {
          return source(name) !== "";
        } catch {
          return false;
        }
      });
      if (next && !next.startsWith("texts/")) reached(next, found);
    }
    return found;
  }

  it.each(pages.filter((name) => name !== "start.tsx"))("%s loads every text that its modules name", async (name) => {
    const groups = /import\("texts:ko:([a-z,-]+)"\)/.exec(source(`pages/${name}`))?.[1]?.split(",") ?? [];
    const known = new Set<string>();
    for (const group of groups) for (const key of Object.keys(await bundle("ko", group))) known.add(key);
    for (const module of reached(`pages/${name}`)) {
      for (const [, key] of source(module).matchAll(/(?:\bt\(|\blabel=)"([\w.]+)"/g)) {
        // Told by the client when the dialog to sign in, which brings its own texts, was closed.
        if (key === "signin.needed" && module === "api/client.ts") continue;
        expect(known, `${module}: ${key}`).toContain(key);
      }
    }
  });
});

describe("the HTML", () => {
  const root = new URL("../../", here);
  it.each(readdirSync(root).filter((name) => name.endsWith(".html")))("%s carries the Korean texts", async (name) => {
    const ko = new Map<string, unknown>();
    for (const group of groups) for (const [key, text] of Object.entries(await bundle("ko", group))) ko.set(key, text);
    const html = readFileSync(new URL(name, root), "utf8");
    for (const [, key = "", text] of html.matchAll(/data-t="([^"]+)"[^>]*>([^<]+)</g)) {
      expect([ko.get(key), `${ko.get(key)} · ${ko.get("brand")}`]).toContain(text);
    }
  });
});

describe("every text", () => {
  const root = new URL("../../", here);
  const code = [
    ...readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !/^texts\/(ko|en)\//.test(name))
      .map((name) => `src/${name}`),
    ...readdirSync(root).filter((name) => name.endsWith(".html")),
  ]
    .map((path) => readFileSync(new URL(path, root), "utf8"))
    .join("\n");
  const literals = new Set([...code.matchAll(/"([\w-]+(?:\.[\w-]+)*)"/g)].map(([, key]) => key));
  const prefixes = [...code.matchAll(/`([\w.-]+[._])\$\{/g)].map(([, prefix]) => prefix ?? "");

  it.each(groups)("of %s is used", async (group) => {
    const unused = Object.keys(await bundle("ko", group)).filter((key) => !literals.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});

describe("a particle", () => {
  it.each([
    ["책", "을", "를", "을"],
    ["의자", "을", "를", "를"],
    ["서울", "으로", "로", "로"],
    ["부산", "으로", "로", "으로"],
    ["3", "이", "가", "이"],
    ["2", "이", "가", "가"],
    ["1", "으로", "로", "로"],
    ["Google", "으로", "로", "로"],
    ["desk lamp", "은", "는", "은"],
    ["원목 책상!", "을", "를", "을"],
    ["의자".normalize("NFD"), "을", "를", "를"],
  ])("after %s of %s/%s is %s", (word, closed, open, right) => {
    expect(particle(word, closed, open)).toBe(right);
  });

  it("stands in a text after its value", () => {
    setTexts({ "home.title": "{name|을/를} 장바구니에 담았어요" });
    expect(t("home.title", { name: "의자" })).toBe("의자를 장바구니에 담았어요");
    expect(t("home.title", { name: "책상" })).toBe("책상을 장바구니에 담았어요");
  });

  it("is not needed for a text that has forms by number", () => {
    setTexts({ "home.title": { one: "{count} listing", other: "{count} listings" } });
    expect(t("home.title", { count: 1200 })).toMatch(/^1,200 listing/);
  });
});
