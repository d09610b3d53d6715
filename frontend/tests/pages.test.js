// Promises about the files themselves, which a strict Content-Security-Policy
// and attack 65 (text of others must stay text) rest on.
import test from "node:test";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
/** Pages lie beside public/, everything that they load is in it. */
const place = (path) => new URL(path.endsWith(".html") || path.endsWith(".md") || path === "./" ? path : `public/${path}`, root);
const read = (path) => readFileSync(place(path), "utf8");
const list = (folder, ending) => readdirSync(place(folder))
  .filter((name) => name.endsWith(ending)).map((name) => folder + name);
/** Those that are not written in TypeScript yet. */
const pages = list("./", ".html").filter((page) => !read(page).includes("/src/"));
const scripts = [...list("js/", ".js"), ...list("js/account/", ".js"), ...list("js/pages/", ".js")];

test("attack_65_text_of_others_never_becomes_markup", () => {
  const ways = /\.(innerHTML|outerHTML)\b|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|createContextualFragment|setHTMLUnsafe|DOMParser/;
  for (const script of scripts) {
    assert.doesNotMatch(read(script), ways, script);
  }
  const sources = readdirSync(new URL("src/", root), { recursive: true }).filter((name) => /\.tsx?$/.test(name));
  assert.ok(sources.length > 30, sources.join());
  for (const source of sources) {
    assert.doesNotMatch(readFileSync(new URL(`src/${source}`, root), "utf8"), ways, source);
  }
});

test("no page has an inline script, style or event handler", () => {
  for (const page of pages) {
    const html = read(page);
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/, page);
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|javascript:/i, page);
  }
});

test("no form puts what was typed into the address, even if it is sent before its script runs", () => {
  for (const page of pages) {
    for (const [tag] of read(page).matchAll(/<form[^>]*>/g)) assert.match(tag, / method="post"/, page);
  }
});

test("every choice of a file shows when it has the focus", () => {
  for (const page of pages) {
    const html = read(page);
    const inputs = html.match(/<input[^>]*type="file"/g) ?? [];
    const buttons = html.match(/<label class="[^"]*file-button"><span[^<]*<\/span>\s*<input[^>]*type="file"/g) ?? [];
    assert.equal(buttons.length, inputs.length, page);
  }
});

test("every file that a page or a script names exists", () => {
  for (const page of pages) {
    for (const [, path] of read(page).matchAll(/(?:href|src)="\/([^"?#]+)/g)) {
      if (!path.startsWith("_local")) assert.ok(existsSync(place(path)), `${page}: ${path}`);
    }
  }
  for (const script of scripts) {
    for (const [, path] of read(script).matchAll(/from "(\.[^"]+)"/g)) {
      assert.ok(existsSync(new URL(path, place(script))), `${script}: ${path}`);
    }
  }
});

test("everything that stays on the device is told in the README", () => {
  const told = read("README.md");
  for (const script of scripts) {
    for (const [, name] of read(script).matchAll(/(?:tab|device)Store\.set\(["`]([\w.]+)/g)) {
      assert.ok(told.includes(`| \`${name}`), `${script}: ${name}`);
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

function imports(path, found = new Set()) {
  for (const [, named] of read(path).matchAll(/(?:from|import) "(\.[^"]+)"/g)) {
    const next = new URL(named, new URL(path, root)).href.slice(root.href.length);
    if (!found.has(next)) imports(next, found.add(next));
  }
  return found;
}

test("every page preloads exactly the modules that it uses, so that a slow phone waits once", () => {
  for (const page of pages) {
    const html = read(page);
    const [, entry] = /<script type="module" src="\/([^"]+)"/.exec(html);
    const preloaded = [...html.matchAll(/rel="modulepreload" href="\/([^"]+)"/g)].map(([, path]) => path);
    assert.deepEqual(preloaded.sort(), [...imports(entry)].sort(), page);
  }
});
