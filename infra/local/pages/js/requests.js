import { ask, byId, dollars, fill, make, moment, often, row, showing } from "./common.js";

let shown = "";

/** Whether a line is wanted, by the form above the table. Schedules run each minute and mostly find nothing. */
function isWanted(one) {
  const words = byId("find").value.trim().toLowerCase();
  const text = `${one.operation} ${one.method} ${one.path} ${one.status} ${one.code ?? ""} ${one.fault ?? ""}`.toLowerCase();
  return (byId("schedules").checked || one.method !== "SCHEDULE" || one.status >= 400)
    && one.status >= Number(byId("answers").value || 0) * 100
    && words.split(/\s+/).every((word) => text.includes(word));
}

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
  const { items, total } = await ask("/_local/requests?limit=1000");
  const tile = (value, text) => make("li", {}, make("strong", {}, value), make("span", {}, text));
  fill("tiles", [
    tile(total.count, "requests and jobs"),
    tile(total.calls, "calls to the database"),
    tile(total.read_units, "read units"),
    tile(total.write_units, "write units"),
    tile(dollars(total.price.slice(0, 10)), "at list price"),
  ]);
  const wanted = items.filter(isWanted);
  const left = items.length - wanted.length;
  byId("state").textContent = `The newest first.${left > 0 ? ` ${left} of the last ${items.length} are hidden.` : ""}`;
  const now = `${total.count} ${wanted.map((one) => one.number).join()}`;
  if (now === shown) return;
  shown = now;
  fill("rows", wanted.map(line), items.length > 0 ? "Nothing of that kind." : "Nothing was asked yet. Open the storefront.");
}

byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("filters").addEventListener("input", () => showing("state", show));

often(() => showing("state", show), 1000);
