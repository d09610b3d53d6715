// Vite plugin: puts around a page's <main> what all pages share, and tells boot.js which file has the
// page's texts in each language, so that the browser asks for them together with the scripts.
import type { Plugin } from "vite";

const HEAD = `<meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="theme-color" content="#fbf5e9" media="(prefers-color-scheme: light)">
  <meta name="theme-color" content="#1d1916" media="(prefers-color-scheme: dark)">
  <meta name="referrer" content="same-origin">
  <meta name="description" content="이웃이 파는 상품을 회원 가입 없이도 살 수 있는 장터">
  <script src="/boot.js"BUNDLES></script>
  <link rel="stylesheet" href="/css/jangteo.css">
  <link rel="icon" href="/favicon.svg" type="image/svg+xml">
  <link rel="manifest" href="/site.webmanifest">
  `;
const BEFORE = `<a class="skip" href="#main" data-t="skip">본문으로 건너뛰기</a>
  <header class="site-header">
    <div class="bar">
      <a class="brand" href="/" data-t="brand">장터</a>
      <nav id="menu" class="menu" aria-label="주 메뉴" data-t-label="nav.label"></nav>
    </div>
  </header>
  `;
const AFTER = `
  <footer class="site-footer"><p data-t="footer.note">이웃과 이웃이 만나는 장터</p></footer>`;
const NO_SCRIPT =
  '<noscript><p class="message">이 페이지를 쓰려면 JavaScript를 켜 주세요. Please turn on JavaScript to use this page.</p></noscript>';

export function shell(): Plugin {
  return {
    name: "shell",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle, chunk }) {
        if (!html.includes("<!--shell-->")) return html;
        const files = Object.values(bundle ?? {});
        const own = new Set(chunk?.dynamicImports ?? []);
        for (const name of chunk?.imports ?? []) {
          const shared = files.find((file) => file.fileName === name);
          if (shared?.type === "chunk") shared.dynamicImports.forEach((path) => own.add(path));
        }
        const bundles = (["ko", "en"] as const).map((language) => {
          const file = files.find(
            (file) => file.type === "chunk" && own.has(file.fileName) && file.facadeModuleId?.startsWith(`\0texts:${language}:common,`),
          );
          return file ? ` data-${language}="/${file.fileName}"` : "";
        });
        return html
          .replace("<!--shell-->", HEAD.replace("BUNDLES", bundles.join("")))
          .replace(/<main[^>]*>/, (main) => `${BEFORE}${main}\n    ${NO_SCRIPT}`)
          .replace("</main>", `</main>${AFTER}`);
      },
    },
  };
}
