import { ask, byId, fill, make, row, showing } from "./common.js";

showing("rows", async () => {
  const api = await ask("/docs/openapi.json");
  const resolve = (part) => part?.$ref?.split("/").slice(1).reduce((inner, name) => inner?.[name], api) ?? part;
  const codes = new Map();
  for (const methods of Object.values(api.paths ?? {})) {
    for (const one of Object.values(methods)) {
      for (const response of Object.values(one?.responses ?? {})) {
        const examples = resolve(response)?.content?.["application/problem+json"]?.examples ?? {};
        for (const [name, example] of Object.entries(examples)) {
          const value = resolve(example)?.value ?? {};
          const code = value.code ?? name;
          const known = codes.get(code) ?? { status: value.status, title: value.title ?? "", detail: value.detail ?? "", where: new Set() };
          known.where.add(one.operationId);
          codes.set(code, known);
        }
      }
    }
  }
  fill("rows", [...codes].sort(([a], [b]) => a.localeCompare(b)).map(([code, one]) => row(
    make("code", { id: code }, code),
    [one.status, { class: "number inline" }],
    make("div", {}, make("strong", {}, one.title), one.detail === one.title ? null : make("div", { class: "small soft" }, one.detail)),
    one.where.size > 6
      ? make("span", { class: "small soft" }, `${one.where.size} operations`)
      : make("div", { class: "small" }, [...one.where].map((name) => make("div", {}, make("a", { href: `/docs#${name}` }, name)))))));
  const named = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (named) named.scrollIntoView();
});
