// Vite plugin, for `scripts/dev` only: pages load themselves anew when the storefront was built anew.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "vite";

/** Written after everything else, so that a page which sees it change finds all files in place. */
export const BUILT = "built.txt";

const SCRIPT = `const built = async () => {
  const reply = await fetch("/${BUILT}", { cache: "no-store" });
  return reply.ok ? reply.text() : undefined;
};
let shown;
setInterval(async () => {
  const now = await built().catch(() => undefined);
  if (shown !== undefined && now !== undefined && now !== shown) location.reload();
  shown ??= now;
}, 1000);
`;

export function reload(): Plugin {
  let folder = "";
  let copied = "";
  return {
    name: "reload",
    configResolved(config) {
      folder = config.build.outDir;
      copied = config.publicDir;
    },
    // What is copied as it is, the build does not watch by itself.
    buildStart() {
      for (const name of readdirSync(copied, { recursive: true, encoding: "utf8" })) this.addWatchFile(join(copied, name));
    },
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace("</body>", '<script type="module" src="/reload.js"></script></body>'),
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "reload.js", source: SCRIPT });
    },
    writeBundle() {
      writeFileSync(join(folder, BUILT), new Date().toISOString());
    },
  };
}
