import { ask, byId, fill, make, money, moment, often, row, showing } from "./common.js";

async function show() {
  const [ledger, stock, payments] = await Promise.all([ask("/_local/ledger"), ask("/_local/stock"), ask("/_local/payments")]);
  const balance = byId("balance");
  balance.hidden = false;
  balance.classList.toggle("bad", !ledger.balanced);
  balance.classList.toggle("good", ledger.balanced);
  balance.textContent = ledger.balanced
    ? `The books balance: everything adds up to 0 (postings: ${ledger.postings.length}).`
    : `The books do not balance: ${JSON.stringify(ledger.totals)}`;
  fill("accounts", ledger.accounts.map((one) => row(
    make("code", {}, one.account), [money(one.amount, one.currency), { class: "number" }])));
  fill("stock", stock.items.map((one) => row(
    one.title, one.option_values.length > 0 ? one.option_values.join(" · ") : make("code", { class: "soft" }, one.variant_id),
    [one.available, { class: "number inline", "data-name": "available" }],
    [one.held, { class: "number inline", "data-name": "held" }],
    [one.sold, { class: "number inline", "data-name": "sold" }])));
  fill("payments", payments.items.toReversed().map((one) => row(
    make("code", {}, one.order_id), one.status,
    [money(one.captured.amount, one.captured.currency), { class: "number inline", "data-name": "captured" }],
    [money(one.refunded.amount, one.refunded.currency), { class: "number inline", "data-name": "refunded" }])));
  fill("postings", ledger.postings.map((one) => row(
    moment(one.at, true), make("code", {}, one.order_id), one.posting_kind,
    make("div", {}, one.entries.map((entry) => make("div", { class: "small" }, make("code", {}, entry.account), ` ${money(entry.amount, entry.currency)}`))))));
}

often(() => showing("balance", show), 3000);
