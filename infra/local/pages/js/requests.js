import { ask, byId, dollars, fill, make, moment, often, row, showing } from "./common.js";

let newest = 0;

function line(one) {
  const about = [make("span", { class: "mono" }, `${one.method} ${one.path}`)];
  if (one.code) about.push(make("div", { class: "small soft" }, one.code));
  if (one.fault) about.push(make("div", { class: "small bad" }, one.fault));
  return row(
    [moment(one.time), { class: "soft inline" }],
    [make("code", {}, one.operation), { class: "inline" }],
    make("div", {}, about),
    [one.status, { class: `number inline ${one.status >= 500 ? "bad" : one.status >= 400 ? "soft" : "good"}` }],
    [one.ms, { class: "number inline", "data-name": "ms" }],
    [one.calls, { class: "number inline", "data-name": "calls" }],
    [one.read_units, { class: "number inline", "data-name": "read" }],
    [one.write_units, { class: "number inline", "data-name": "write" }],
    [dollars(one.price.slice(0, 11)), { class: "number inline", "data-name": "price" }],
  );
}

async function show() {
  const { items, total } = await ask("/_local/requests");
  const tile = (value, text) => make("li", {}, make("strong", {}, value), make("span", {}, text));
  fill("tiles", [
    tile(total.count, "requests and jobs"),
    tile(total.calls, "calls to the database"),
    tile(total.read_units, "read units"),
    tile(total.write_units, "write units"),
    tile(dollars(total.price.slice(0, 10)), "at list price"),
  ]);
  byId("state").textContent = "The newest first.";
  if (total.count === newest && newest > 0) return;
  newest = total.count;
  fill("rows", items.map(line), "Nothing was asked yet. Open the storefront.");
}

often(() => showing("state", show), 1000);
