// Vite plugin: `import("texts:ko:common,home")` is a module with the texts of these groups in this
// language, in one file. So a page loads its own texts, once, and no others.
import type { Plugin } from "vite";

const NAME = /^texts:(ko|en):([a-z,-]+)$/;

export function pageTexts(folder: string): Plugin {
  return {
    name: "page-texts",
    resolveId: (id) => (NAME.test(id) ? `\0${id}` : null),
    load(id) {
      const [, language, groups] = NAME.exec(id.slice(1)) ?? [];
      if (!id.startsWith("\0") || !language || !groups) return null;
      const names = groups.split(",");
      const imports = names.map((name, index) => `import g${index} from ${JSON.stringify(`${folder}/${language}/${name}.ts`)};`);
      return `${imports.join("\n")}\nexport default { ${names.map((_, index) => `...g${index}`).join(", ")} };\n`;
    },
  };
}
