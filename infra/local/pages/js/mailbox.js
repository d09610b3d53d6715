import { ask, byId, fill, make, moment, often, showing } from "./common.js";

const onPhone = matchMedia("(max-width: 47.99rem)");
let shown = null;
let known = "";

function open(message, button) {
  shown = message.id;
  for (const other of byId("list").querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  byId("message").hidden = false;
  byId("subject").textContent = message.subject;
  byId("about").textContent = `From ${message.from} to ${message.to}, ${moment(message.at, true)}`;
  byId("text").textContent = message.text;
  byId("html").hidden = message.html === "";
  byId("html").src = `/_local/mail/${encodeURIComponent(message.id)}/html`;
}

function item(message) {
  const button = make("button", { type: "button", "aria-current": message.id === shown ? "true" : null },
    make("strong", {}, message.subject),
    make("span", { class: "small soft" }, `${message.to} · ${moment(message.at)}`));
  button.addEventListener("click", () => {
    open(message, button);
    if (onPhone.matches) byId("message").scrollIntoView({ block: "start" });
  });
  return make("li", {}, button);
}

async function show() {
  const to = new URLSearchParams(location.search).get("to") ?? "";
  byId("filter").elements.to.value ||= to;
  const { items } = await ask(to === "" ? "/_local/mail" : `/_local/mail?to=${encodeURIComponent(to)}`);
  byId("count").textContent = items.length === 1 ? "1 message" : `${items.length} messages`;
  const ids = items.map(({ id }) => id).join();
  if (ids === known && known !== "") return;
  known = ids;
  fill("list", items.map(item), "No mail yet. Sign up in the storefront to get one.");
  if (shown === null && items.length > 0 && !onPhone.matches) byId("list").querySelector("button").click();
}

often(() => showing("count", show), 2000);
