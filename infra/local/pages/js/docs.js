import { ask, byId, make, showing } from "./common.js";

let api = null;

/** What a reference stands for. */
function resolve(schema) {
  const seen = new Set();
  while (schema?.$ref && !seen.has(schema.$ref)) {
    seen.add(schema.$ref);
    schema = schema.$ref.split("/").slice(1).reduce((part, name) => part?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], api);
  }
  return schema ?? {};
}

function typeOf(schema) {
  const at = resolve(schema);
  const types = [at.type ?? []].flat().filter((type) => type !== "null");
  if (at.const !== undefined) return JSON.stringify(at.const);
  if (at.enum) return at.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = at.oneOf ?? at.anyOf;
  if (choices) return choices.filter((one) => resolve(one).type !== "null").map(typeOf).join(" | ");
  if (types[0] === "array") return `list of ${typeOf(at.items ?? {})}`;
  return types.join(" | ") || (at.properties ? "object" : "any");
}

function limits(schema) {
  const at = resolve(schema);
  const words = [];
  if (at.format) words.push(at.format);
  if (at.minLength !== undefined || at.maxLength !== undefined) words.push(`${at.minLength ?? 0} to ${at.maxLength ?? "any number of"} characters`);
  if (at.minimum !== undefined || at.maximum !== undefined) words.push(`${at.minimum ?? "any"} to ${at.maximum ?? "any"}`);
  if (at.minItems !== undefined || at.maxItems !== undefined) words.push(`${at.minItems ?? 0} to ${at.maxItems ?? "any number of"} items`);
  return words.join(", ");
}

function fields(schema, depth = 0) {
  let at = resolve(schema);
  if ([at.type].flat().includes("array")) at = resolve(at.items);
  const choice = (at.anyOf ?? at.oneOf ?? []).map(resolve).find((one) => one.properties);
  if (choice && !at.properties) at = choice;
  const properties = Object.entries(at.properties ?? {});
  if (properties.length === 0 || depth > 4) return null;
  return make("ul", { class: "fields" }, properties.map(([name, property]) => {
    const facts = [typeOf(property), limits(property), (at.required ?? []).includes(name) ? "" : "may be left out"];
    return make("li", {},
      make("code", {}, name), " ", make("span", { class: "small soft" }, facts.filter((fact) => fact !== "").join(", ")),
      property.description ?? resolve(property).description ? make("div", { class: "small" }, property.description ?? resolve(property).description) : null,
      fields(property, depth + 1));
  }));
}

function answer(status, response) {
  response = resolve(response);
  const contents = Object.entries(response.content ?? {});
  const parts = contents.flatMap(([type, content]) => {
    const codes = Object.entries(content.examples ?? {});
    if (type === "application/problem+json") {
      return [make("ul", { class: "fields" }, codes.map(([name, example]) =>
        make("li", {}, make("code", {}, example.value?.code ?? name), " ", make("span", { class: "small soft" }, example.value?.title ?? example.summary ?? ""))))];
    }
    return [fields(content.schema ?? {})];
  });
  return make("div", {}, make("h3", {}, `${status} `, make("span", { class: "small soft" }, response.description ?? "")), parts);
}

/** A text as one word of a POSIX shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const sample = (schema) => {
  const at = resolve(schema);
  return at.examples?.[0] ?? at.example ?? at.const ?? at.enum?.[0] ?? at.default ?? "";
};

/** The request as a command that this local cloud answers. What is in capitals is for the reader to put in. */
function curl(path, method, one, parameters, body) {
  const at = (place) => parameters.filter((parameter) => parameter.in === place && parameter.required);
  const address = at("path").reduce((text, { name, schema }) =>
    text.replace(`{${name}}`, encodeURIComponent(sample(schema) || name.toUpperCase())), path);
  const query = at("query").map(({ name, schema }) => `${name}=${encodeURIComponent(sample(schema) || name.toUpperCase())}`).join("&");
  const words = [`curl --request ${method.toUpperCase()} ${quoted(`${location.origin}/api${address}${query && `?${query}`}`)}`];
  const header = (name, value) => words.push(`--header ${quoted(`${name}: ${value}`)}`);
  const schemes = (one.security ?? []).flatMap((way) => Object.keys(way));
  const isOpen = (one.security ?? []).some((way) => Object.keys(way).length === 0);
  if (!isOpen && schemes.includes("accessToken")) header("Authorization", "Bearer ACCESS_TOKEN");
  else if (!isOpen && schemes.includes("orderSecret")) header("Order-Secret", "ORDER_SECRET");
  for (const { name, schema } of at("header")) header(name, name === "Idempotency-Key" ? crypto.randomUUID() : sample(schema));
  if (body?.example !== undefined) {
    header("Content-Type", "application/json");
    words.push(`--data ${quoted(JSON.stringify(body.example))}`);
  }
  return words.join(" \\\n  ");
}

function operation(path, method, one) {
  const parameters = (one.parameters ?? []).map(resolve);
  const body = Object.values(resolve(one.requestBody).content ?? {})[0];
  const inside = make("div", {});
  const details = make("details", { id: one.operationId },
    make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), make("span", { class: "mono" }, path),
      make("div", { class: "small soft" }, one.summary ?? one.operationId ?? "")), inside);
  details.addEventListener("toggle", () => {
    if (!details.open || inside.childElementCount > 0) return;
    inside.append(
      ...(one.description ? [make("p", { class: "small" }, one.description)] : []),
      ...(one.security?.length ? [make("p", { class: "small" }, "Signed in: ", make("code", {}, "Authorization: Bearer …"))] : []),
      ...(parameters.length > 0 ? [make("h3", {}, "Parameters"), make("ul", { class: "fields" }, parameters.map((parameter) => make("li", {},
        make("code", {}, parameter.name), " ",
        make("span", { class: "small soft" }, [`in the ${parameter.in}`, typeOf(parameter.schema ?? {}), parameter.required ? "" : "may be left out"].filter(Boolean).join(", ")),
        parameter.description ? make("div", { class: "small" }, parameter.description) : null)))] : []),
      ...(body ? [make("h3", {}, "Body"), fields(body.schema ?? {}) ?? make("p", { class: "soft small" }, typeOf(body.schema ?? {}))] : []),
      make("h3", {}, "With curl"), make("pre", { class: "sunk", tabindex: "0" }, curl(path, method, one, parameters, body)),
      ...Object.entries(one.responses ?? {}).map(([status, response]) => answer(status, response)),
    );
  });
  return details;
}

function show() {
  const wanted = byId("find").value.trim().toLowerCase();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths ?? {})) {
    for (const [method, one] of Object.entries(methods)) {
      if (typeof one !== "object" || !one.responses) continue;
      const text = `${method} ${path} ${one.operationId} ${one.summary} ${one.description}`.toLowerCase();
      if (!text.includes(wanted)) continue;
      const tag = one.tags?.[0] ?? one.operationId?.split(".")[0] ?? "";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, one)]);
    }
  }
  byId("operations").replaceChildren(...(groups.size === 0
    ? [make("p", { class: "soft" }, "Nothing of that kind.")]
    : [...groups].map(([tag, operations]) => make("section", { class: "sheet" }, make("h2", {}, tag), operations))));
}

showing("lead", async () => {
  api = await ask("/docs/openapi.json");
  byId("title").textContent = api.info?.title ?? "The API";
  byId("lead").textContent = api.info?.description ?? "";
  byId("find").addEventListener("input", show);
  show();
  const named = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (named) {
    named.open = true;
    named.scrollIntoView();
  }
});
