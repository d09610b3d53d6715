import { ask, byId, make, often, row, showing } from "./common.js";

const NAMES = { google: "Google", kakao: "Kakao" };

function facts(provider, account) {
  if (account.email === null) return "no address";
  if (!account.email_valid) return "went to another account";
  if (!account.email_verified) return "not verified";
  return account.hosted_domain === null ? "verified" : `verified, Workspace ${account.hosted_domain}`;
}

function rotation(one, old, text) {
  const button = make("button", { type: "button" }, text);
  button.addEventListener("click", () => showing("done", async () => {
    show(await ask(`/_local/logins/${one.provider}/keys`, { old }));
    byId("done").hidden = false;
    byId("done").classList.add("good");
    byId("done").textContent = `${NAMES[one.provider]} signs with a new key.`;
  }));
  return button;
}

function section(one) {
  const calls = Object.entries(one.calls).map(([operation, count]) => `${operation} ${count}`).join(", ");
  return make("section", { class: "sheet" },
    make("h2", {}, NAMES[one.provider] ?? one.provider),
    make("table", { class: "cards" },
      make("thead", {}, make("tr", {}, ["Name", "Address", "The address is", "Subject"].map((text) => make("th", {}, text)))),
      make("tbody", {}, one.accounts.map((account) => row(
        account.name, account.email ?? "", facts(one.provider, account), make("code", {}, account.subject))))),
    make("h3", {}, "Where it is"),
    make("table", { class: "cards" }, make("tbody", {},
      row("Issuer", make("code", {}, one.issuer)),
      row("Client", make("code", {}, one.client_id)),
      row("May send to", make("div", {}, one.redirect_uris.map((address) => make("div", {}, make("code", {}, address))))),
      row("Calls", calls === "" ? "none yet" : calls))),
    make("h3", {}, "Keys"),
    make("p", {}, "The first signs. ", one.key_ids.map((id) => make("div", {}, make("code", {}, id)))),
    make("div", { class: "row" },
      rotation(one, "keep", "New key, keep the old"),
      rotation(one, "drop", "New key, drop the old")));
}

let known = "";

function show(answer) {
  const text = JSON.stringify(answer);
  if (text === known) return;
  known = text;
  byId("providers").replaceChildren(...answer.items.map(section));
}

often(() => showing("done", async () => show(await ask("/_local/logins"))), 3000);
