// How the frontend is built: every *.html beside this file is a page of its own (no router).
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

import { reload } from "./src/build/reload.ts";
import { shell } from "./src/build/shell.ts";
import { pageTexts } from "./src/build/texts.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(root).filter((name) => name.endsWith(".html"));

export default defineConfig({
  root,
  plugins: [preact({ devToolsEnabled: false }), pageTexts(`${root}src/texts`), shell(), process.env.JANGTEO_RELOAD ? reload() : undefined],
  appType: "mpa",
  // `npm run dev` beside scripts/dev: each change is seen at once, everything else comes from the local cloud.
  server: { proxy: Object.fromEntries(["/api", "/pictures", "/_local", "/docs"].map((path) => [path, { target: "http://localhost:3000", changeOrigin: true }])) },
  build: {
    // A browser of 2022 or later.
    target: ["chrome107", "edge107", "firefox104", "safari16"],
    rolldownOptions: { input: pages.map((name) => root + name) },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
