import { ask, byId, dollars, fill, make, moment, often, row, showing } from "./common.js";

function tile(value, text, address) {
  const inner = [make("strong", {}, value), make("span", {}, text)];
  return make("li", {}, address ? make("a", { href: address }, inner) : inner);
}

async function show() {
  const [info, clock, requests, mail] = await Promise.all([
    ask("/_local/info"), ask("/_local/clock"), ask("/_local/requests?limit=1"), ask("/_local/mail"),
  ]);
  fill("tiles", [
    tile(moment(clock.now), clock.offset_s === 0 ? "now" : `now, ${clock.offset_s} s ahead`, "/_local/clock.html"),
    tile(requests.total.count, "requests and jobs", "/_local/requests.html"),
    tile(dollars(requests.total.price.slice(0, 10)), "at list price", "/_local/requests.html"),
    tile(mail.items.length, "mails", "/_local/mailbox.html"),
  ]);
  const place = (name, value, link) => row(name, [link ? make("a", { href: value }, value) : make("code", {}, value)]);
  fill("places", [
    place("Storefront", `${info.origin}/`, true),
    place("API", info.api, false),
    place("Documents", info.docs, true),
    place("AWS endpoint", info.aws, false),
    place("Data", info.data ?? "in memory", false),
    place("Functions", info.binaries ?? "linked into the local cloud", false),
  ]);
  fill("schedules", info.schedules.map(({ name, due }) => row(make("code", {}, name), moment(due, true))));
  fill("functions", info.functions.map((one) => row(
    make("code", {}, one.id),
    make("span", { class: "mono" }, one.called_by),
    [one.memory_mb, { class: "number inline", "data-name": "MB" }],
    [`${one.time_out_s} s`, { class: "number inline", "data-name": "at most" }],
  )), "No service has a function yet.");
}

byId("tick").addEventListener("click", () => showing("done", async () => {
  byId("tick").disabled = true;
  try {
    await ask("/_local/tick", {});
    byId("done").textContent = "Done.";
    await show();
  } finally {
    byId("tick").disabled = false;
  }
}));

often(() => showing("done", show), 3000);
