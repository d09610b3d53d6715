/// <reference types="vite/client" />

declare module "texts:*" {
  const texts: import("./texts/texts").Texts;
  export default texts;
}
