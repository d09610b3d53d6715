// How the frontend is built: every *.html beside this file is a page of its own (no router).
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const pages = readdirSync(root).filter((name) => name.endsWith(".html"));

export default defineConfig({
  root,
  plugins: [preact({ devToolsEnabled: false })],
  appType: "mpa",
  build: {
    // A browser of 2022 or later.
    target: ["chrome107", "edge107", "firefox104", "safari16"],
    rolldownOptions: { input: pages.map((name) => root + name) },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
