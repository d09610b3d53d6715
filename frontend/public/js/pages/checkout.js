// Checkout: what is bought, to whom and where; the server answers with the
// order (prices, shipping fee and stock held by it), and then the buyer pays.

import "../layout.js";
import "../dialog.js";
import { ApiError, finishAttempt, get, postAttempt, serverNow } from "../api.js";
import { draft, keepDraft } from "../draft.js";
import { ShownError } from "../errors.js";
import { locale, t } from "../i18n.js";
import { formatMoney, timesQuantity } from "../money.js";
import { orderLines, orderTotals, totals } from "../order-view.js";
import { savedOrder, saveOrder, secretHeaders } from "../orders.js";
import { openPayment } from "../payment.js";
import { accessToken, sessionUser } from "../session.js";
import { tabStore } from "../storage.js";
import { byId, countdown, errorText, h, onSubmit, say, showLoadError, showState, whileBusy } from "../ui.js";

const ATTEMPT = "checkout";
const query = new URLSearchParams(location.search);
const form = byId("form");
const paymentPart = byId("payment");
const pay = byId("pay");
const paymentError = byId("payment-error");
let wanted = null;
let stopHold = () => {};

function pictureOf(listing) {
  return listing.pictures[0]?.small ?? null;
}

/** The line that is wanted, read from the address and the listing. */
async function readWanted() {
  if (!query.get("listing")) throw new ShownError(t("checkout.nothing"));
  const listing = await get(`/listings/${encodeURIComponent(query.get("listing"))}`);
  const variant = listing.variants.find(({ id }) => id === query.get("variant"));
  const quantity = Number(query.get("quantity"));
  if (!variant || !Number.isInteger(quantity) || quantity < 1) throw new ShownError(t("checkout.nothing"));
  return { listing, variant, quantity };
}

function showWanted({ listing, variant, quantity }) {
  const total = timesQuantity(variant.price, quantity);
  const line = {
    listing_id: listing.id, title: listing.title, option_values: variant.option_values,
    quantity, total, picture: pictureOf(listing),
  };
  byId("summary").replaceChildren(orderLines([line]), totals([
    [t("checkout.subtotal"), formatMoney(total, locale())],
    [t("checkout.shipping_fee"), t("checkout.shipping_later")],
  ], false));
}

/** Texts that were left empty are left out, as the API wants them. */
function filled(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ""));
}

function readBody() {
  const value = (name) => form.elements[name].value.trim();
  const contact = { name: value("contact.name"), phone: value("contact.phone"), email: value("contact.email") };
  const from = byId("same").checked ? "contact" : "shipping";
  return {
    lines: [{
      listing_id: wanted.listing.id, variant_id: wanted.variant.id,
      quantity: wanted.quantity, expected_price: wanted.variant.price,
    }],
    contact,
    shipping: filled({
      name: value(`${from}.name`), phone: value(`${from}.phone`), postcode: value("shipping.postcode"),
      address: value("shipping.address"), address_detail: value("shipping.address_detail"), memo: value("shipping.memo"),
    }),
  };
}

/** With the same hold still standing, the same order; later, a new one. */
function forgetEndedHold() {
  const held = tabStore.get("held");
  if (held && Date.parse(held.until) <= serverNow()) {
    finishAttempt(ATTEMPT);
    tabStore.remove("held");
  }
}

/** Errors about the recipient reach the buyer's fields while they are the same. */
function redirectErrors(error) {
  if (!(error instanceof ApiError) || !byId("same").checked) return error;
  error.errors = error.errors.map(({ pointer, detail }) => ({
    pointer: String(pointer).replace(/^#?\/shipping\/(name|phone)$/, "/contact/$1"), detail,
  }));
  return error;
}

async function placeOrder() {
  const body = readBody();
  forgetEndedHold();
  let answer;
  try {
    answer = await postAttempt(ATTEMPT, "/checkouts", body, { auth: "optional" });
  } catch (error) {
    // What there is no more of may be what this tab holds itself, by the order before the change.
    if (error.code === "stock.insufficient" && await resumeHeld()) {
      say(paymentError, t("checkout.still_held"));
      return;
    }
    if (error.code === "checkout.price_changed" || error.code === "stock.insufficient") await refreshWanted();
    throw redirectErrors(error);
  }
  const { checkout, order_secret: secret, payment } = answer;
  // One listing is bought here, so there is one order.
  const [order] = checkout.orders;
  const known = { payment, contact: order.contact, expires_at: order.expires_at, name: payment.order_name, total: order.total, placed_at: order.placed_at };
  // A replayed answer may leave the secret out; the one we have stays.
  saveOrder(order.id, secret ? { ...known, secret } : known);
  tabStore.set("held", { id: order.id, until: order.expires_at, search: location.search });
  showPayment(order, payment);
}

async function refreshWanted() {
  try {
    wanted = await readWanted();
    showWanted(wanted);
  } catch {
    // What the order was refused for is shown; that is enough.
  }
}

function showPayment(order, payment) {
  byId("summary").replaceChildren(orderLines(order.lines), orderTotals(order));
  pay.textContent = t("checkout.pay", { price: formatMoney(payment.amount, locale()) });
  pay.hidden = false;
  pay.onclick = () => startPayment(order, payment);
  say(paymentError, "");
  form.hidden = true;
  paymentPart.hidden = false;
  stopHold();
  stopHold = order.expires_at ? countdown(order.expires_at,
    (time) => { byId("hold").textContent = t("checkout.hold_left", { time }); },
    () => {
      byId("hold").textContent = t("checkout.hold_over");
      pay.hidden = true;
    }) : () => {};
  byId("payment-title").focus();
}

function startPayment(order, payment) {
  whileBusy(pay, async () => {
    say(paymentError, "");
    try {
      await openPayment(payment, order.contact);
    } catch (error) {
      say(paymentError, errorText(error));
    }
  });
}

function showForm() {
  stopHold();
  paymentPart.hidden = true;
  form.hidden = false;
  showWanted(wanted);
  form.elements["contact.name"].focus();
}

/** What was written before, also for who comes back from the payment window. */
function refill() {
  const before = draft(ATTEMPT);
  if (!before) return;
  if (!before.same) byId("same").click();
  for (const [name, text] of Object.entries(before.texts)) form.elements[name].value = text;
}

function written() {
  const fields = [...form.elements].filter(({ name }) => name);
  return { same: byId("same").checked, texts: Object.fromEntries(fields.map(({ name, value }) => [name, value])) };
}

/** The same purchase whose stock is still held goes on where it was; whether it does. */
async function resumeHeld() {
  const held = tabStore.get("held");
  if (held?.search !== location.search || Date.parse(held.until) <= serverNow()) return false;
  const payment = savedOrder(held.id)?.payment;
  const auth = accessToken() ? "optional" : "none";
  const order = await get(`/orders/${encodeURIComponent(held.id)}`, { auth, headers: secretHeaders(held.id) }).catch(() => null);
  if (!payment || order?.status !== "pending") return false;
  showPayment(order, payment);
  return true;
}

function prepareForm() {
  const user = sessionUser();
  byId("who").textContent = user ? t("checkout.member", { nickname: user.nickname }) : t("checkout.guest");
  if (user) form.elements["contact.email"].value = user.email;
  byId("same").addEventListener("change", (event) => {
    byId("recipient").hidden = event.target.checked;
    for (const input of byId("recipient").querySelectorAll("input")) input.disabled = event.target.checked;
  });
  refill();
  keepDraft(ATTEMPT, form, written);
  // Until here it could not be filled in, for that would have been overwritten.
  form.inert = false;
}

async function start() {
  byId("edit").addEventListener("click", showForm);
  onSubmit(form, placeOrder);
  try {
    wanted = await readWanted();
    showWanted(wanted);
    prepareForm();
    await resumeHeld();
  } catch (error) {
    if (error.status === 404 || error.status === 400 || !(error instanceof ApiError)) {
      showState(byId("main"), {
        title: t("checkout.nothing"),
        actions: [h("a", { class: "button", href: "/" }, t("back_home"))],
      });
    } else showLoadError(byId("main"), error, () => location.reload());
  }
}

start();
