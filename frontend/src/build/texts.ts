// Vite plugin: `import("texts:ko:common,home")` is a module with the texts of these groups in this
// language, in one file. So a page loads its own texts, once, and no others. They are copied into it:
// a file that several pages share would be one more to wait for.
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const NAME = /^texts:(ko|en):([a-z,-]+)$/;

/** The texts of a file that has nothing but `export default { … } satisfies …;` and imports of types. */
async function textsOf(path: string): Promise<object> {
  const source = readFileSync(path, "utf8")
    .replace(/^import type .*$/gm, "")
    .replace(/ satisfies [^;]+;\s*$/, ";");
  const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as { default: object };
  return module.default;
}

export function pageTexts(folder: string): Plugin {
  return {
    name: "page-texts",
    resolveId: (id) => (NAME.test(id) ? `\0${id}` : null),
    async load(id) {
      const [, language, groups] = NAME.exec(id.slice(1)) ?? [];
      if (!id.startsWith("\0") || !language || !groups) return null;
      const paths = groups.split(",").map((name) => `${folder}/${language}/${name}.ts`);
      for (const path of paths) this.addWatchFile(path);
      const texts = Object.assign({}, ...(await Promise.all(paths.map(textsOf)))) as object;
      return `export default ${JSON.stringify(texts)};\n`;
    },
  };
}
