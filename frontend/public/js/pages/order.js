// One order in plain words, or the list of the orders made on this device.

import "../layout.js";
import "../dialog.js";
import { get, renew } from "../api.js";
import { hasText, locale, t } from "../i18n.js";
import { formatMoney } from "../money.js";
import { orderLines, orderTotals } from "../order-view.js";
import { savedOrder, savedOrders, saveOrder, secretHeaders } from "../orders.js";
import { openPayment } from "../payment.js";
import { accessToken, mayRenew, signInAddress } from "../session.js";
import { byId, countdown, dateText, errorText, h, say, showLoadError, showState, whileBusy } from "../ui.js";

const WAITING = ["pending", "confirming"];
const OVER = ["expired", "cancelled", "returned"];

const main = byId("main");
const id = new URLSearchParams(location.search).get("id");
let stopHold = () => {};

/**
 * Takes the secret out of the address: into storage, and away from the eyes
 * of whoever looks at the screen. The fragment never reached a server.
 */
function takeSecret() {
  const secret = new URLSearchParams(location.hash.slice(1)).get("secret");
  if (!secret || !id) return;
  saveOrder(id, { secret });
  history.replaceState(null, "", location.pathname + location.search);
}

function statusText(status) {
  const key = `order.status.${status}`;
  return hasText(key) ? t(key) : status;
}

function payAgain(order) {
  const payment = savedOrder(order.id)?.payment;
  if (!payment || !order.actions.includes("pay")) return null;
  const message = h("p", { class: "form-error", role: "alert", hidden: true });
  const button = h("button", { class: "button large", type: "button" }, t("checkout.pay", { price: formatMoney(order.total, locale()) }));
  button.addEventListener("click", () => whileBusy(button, async () => {
    say(message, "");
    try {
      await openPayment(payment, order.contact);
    } catch (error) {
      say(message, errorText(error));
    }
  }));
  return [message, button];
}

function statusPart(order) {
  const hold = h("p", { class: "note" });
  const again = h("div", {}, payAgain(order));
  stopHold();
  if (order.status === "pending" && order.expires_at) {
    stopHold = countdown(order.expires_at,
      (time) => { hold.textContent = t("checkout.hold_left", { time }); },
      () => {
        hold.textContent = t("checkout.hold_over");
        again.hidden = true;
      });
  }
  let look = "";
  if (WAITING.includes(order.status)) look = " is-waiting";
  if (OVER.includes(order.status)) look = " is-over";
  const refresh = h("button", { class: "button quiet", type: "button", on: { click: () => whileBusy(refresh, load) } }, t("order.refresh"));
  return h("section", { class: `sheet status whole-row${look}` },
    h("h1", {}, statusText(order.status)),
    h("p", { class: "note" }, `${t("order.number")} ${order.number}`),
    hold, again,
    WAITING.includes(order.status) ? h("div", { class: "actions" }, refresh) : null);
}

function addressPart({ contact, shipping }) {
  const lines = [
    shipping.name, shipping.phone,
    `(${shipping.postcode}) ${shipping.address} ${shipping.address_detail ?? ""}`.trim(), shipping.memo,
  ];
  return h("section", { class: "sheet" },
    h("h2", {}, t("order.address")), lines.filter(Boolean).map((line) => h("p", {}, line)),
    h("p", { class: "note" }, `${t("order.contact")}: ${contact.name} · ${contact.phone} · ${contact.email}`));
}

function historyPart({ history: steps }) {
  return h("section", { class: "sheet" }, h("h2", {}, t("order.history")),
    h("ol", { class: "timeline" }, steps.map(({ status, at }) => h("li", {},
      h("strong", {}, statusText(status)), h("time", { class: "note", datetime: at }, dateText(at))))));
}

function showOrder(order) {
  document.title = `${order.number} · ${t("brand")}`;
  main.replaceChildren(h("div", { class: "order" },
    statusPart(order),
    h("section", { class: "sheet" }, h("h2", {}, t("order.lines")), orderLines(order.lines), orderTotals(order)),
    h("div", { class: "lines" }, historyPart(order), addressPart(order))));
}

function showNotFound() {
  const actions = [h("a", { class: "button quiet", href: "/" }, t("back_home"))];
  if (!accessToken()) actions.unshift(h("a", { class: "button", href: signInAddress() }, t("nav.sign_in")));
  showState(main, { title: t("order.not_found"), text: t("order.not_found_text"), actions });
}

async function load() {
  try {
    showOrder(await get(`/orders/${encodeURIComponent(id)}`, { auth: "optional", headers: secretHeaders(id) }));
  } catch (error) {
    if ([400, 401, 403, 404].includes(error.status)) showNotFound();
    else showLoadError(main, error, load);
  }
}

async function showSaved() {
  if (mayRenew()) await renew().catch(() => null);
  const orders = savedOrders().filter((order) => order.name);
  if (orders.length === 0) {
    showState(main, {
      title: t("order.recent_empty"),
      text: t(accessToken() ? "order.recent_member" : "order.not_found_text"),
      actions: [h("a", { class: "button", href: "/" }, t("back_home"))],
    });
    return;
  }
  main.replaceChildren(h("section", { class: "order-links" },
    h("h1", {}, t("order.recent")),
    orders.map((order) => h("a", { class: "sheet", href: `/order.html?id=${encodeURIComponent(order.id)}` },
      h("strong", {}, order.name),
      h("span", {}, formatMoney(order.total, locale())),
      h("span", { class: "note" }, dateText(order.placed_at)))),
    accessToken() ? h("p", { class: "note" }, t("order.recent_member")) : null));
}

takeSecret();
if (id) load();
else showSaved();
