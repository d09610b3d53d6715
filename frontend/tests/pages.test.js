// Promises about the files themselves, which a strict Content-Security-Policy
// and attack 65 (text of others must stay text) rest on.
import test from "node:test";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const list = (folder, ending) => readdirSync(new URL(folder, root))
  .filter((name) => name.endsWith(ending)).map((name) => folder + name);
const pages = list("./", ".html");
const scripts = [...list("js/", ".js"), ...list("js/pages/", ".js")];

test("attack_65_text_of_others_never_becomes_markup", () => {
  const ways = /\.(innerHTML|outerHTML)\b|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|createContextualFragment|setHTMLUnsafe|DOMParser/;
  for (const script of scripts) {
    assert.doesNotMatch(read(script), ways, script);
  }
});

test("no page has an inline script, style or event handler", () => {
  for (const page of pages) {
    const html = read(page);
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/, page);
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|javascript:/i, page);
  }
});

test("every file that a page or a script names exists", () => {
  for (const page of pages) {
    for (const [, path] of read(page).matchAll(/(?:href|src)="\/([^"?#]+)/g)) {
      if (!path.startsWith("_local")) assert.ok(existsSync(new URL(path, root)), `${page}: ${path}`);
    }
  }
  for (const script of scripts) {
    for (const [, path] of read(script).matchAll(/from "(\.[^"]+)"/g)) {
      assert.ok(existsSync(new URL(path, new URL(script, root))), `${script}: ${path}`);
    }
  }
});

test("nothing is loaded from another host but the payment provider's script", () => {
  for (const file of [...pages, ...scripts, ...list("css/", ".css")]) {
    const hosts = [...read(file).matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host);
    for (const host of hosts) {
      assert.ok(["js.tosspayments.com"].includes(host), `${file}: ${host}`);
    }
  }
});
