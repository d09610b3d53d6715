import test from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { TABLES, t } from "../public/js/i18n.js";

const root = new URL("../", import.meta.url);
const place = (path) => new URL(path.endsWith(".html") ? path : `public/${path}`, root);
const read = (path) => readFileSync(place(path), "utf8");
const pages = readdirSync(root).filter((name) => name.endsWith(".html") && !read(name).includes("/src/"));
const scripts = ["js/", "js/account/", "js/pages/"].flatMap((folder) =>
  readdirSync(place(folder)).filter((name) => name.endsWith(".js")).map((name) => folder + name));
const placeholders = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages have the same texts with the same placeholders", () => {
  assert.deepEqual(Object.keys(TABLES.en).sort(), Object.keys(TABLES.ko).sort());
  for (const [key, text] of Object.entries(TABLES.ko)) {
    assert.deepEqual(placeholders(TABLES.en[key]), placeholders(text), key);
  }
});

test("every text named by a page exists, and the page carries the Korean one", () => {
  for (const page of pages) {
    const html = read(page);
    for (const [, key] of html.matchAll(/data-t(?:-\w+)?="([^"]+)"/g)) {
      assert.ok(Object.hasOwn(TABLES.ko, key), `${page}: ${key}`);
    }
    for (const [, key, text] of html.matchAll(/data-t="([^"]+)"[^>]*>([^<]+)</g)) {
      if (!html.includes(`<title data-t="${key}">${text}<`)) {
        assert.equal(text, TABLES.ko[key], `${page}: ${key}`);
      }
    }
  }
});

test("every text named by a script exists", () => {
  for (const script of scripts) {
    for (const [, key] of read(script).matchAll(/\bt\("([^"]+)"/g)) {
      assert.ok(Object.hasOwn(TABLES.ko, key), `${script}: ${key}`);
    }
  }
});

test("placeholders are filled and unknown ones are left alone", () => {
  assert.equal(t("signup.step", { number: 2 }), "2 / 3단계");
  assert.equal(t("signup.step"), "{number} / 3단계");
});
