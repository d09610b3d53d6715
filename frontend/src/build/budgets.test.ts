// What a page makes a phone load, measured in what was built: run `npm run build` first.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const dist = new URL("../../dist/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path.replace(/^\//, ""), dist), "utf8");
const compressed = (path: string) => gzipSync(read(path), { level: 9 }).length;
const pages = (existsSync(dist) ? readdirSync(dist) : []).filter((name) => name.endsWith(".html"));

function scripts(page: string): string[] {
  const html = read(page);
  const entry = /<script type="module"[^>]* src="([^"]+)"/.exec(html)?.[1] ?? "";
  const preloaded = [...html.matchAll(/rel="modulepreload"[^>]* href="([^"]+)"/g)].map(([, path]) => path ?? "");
  const texts = /data-ko="([^"]+)"/.exec(html)?.[1];
  return [entry, ...preloaded, "/boot.js", ...(texts ? [texts] : [])];
}

describe.each(pages)("%s", (page) => {
  it("loads at most 35 KB of script and 10 KB of style", () => {
    const bytes = scripts(page).reduce((sum, path) => sum + compressed(path), 0);
    // The page of the kit has every part at once, and no customer sees it.
    expect(bytes).toBeLessThan((page === "kit.html" ? 50 : 35) * 1024);
    expect(compressed("/css/jangteo.css")).toBeLessThan(10 * 1024);
  });

  it("tells boot.js where its texts are in both languages", () => {
    for (const language of ["ko", "en"]) {
      const path = new RegExp(`data-${language}="([^"]+)"`).exec(read(page))?.[1];
      expect(path).toBeDefined();
      expect(read(path ?? "")).toContain("brand");
    }
  });

  it("has no inline script, style or event handler", () => {
    expect(read(page)).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:/i);
  });
});
