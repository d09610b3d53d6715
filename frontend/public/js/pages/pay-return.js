// Back from the payment window: asks the server to confirm, and says in plain
// words whether the order is paid, refused, or still being asked about.

import "../layout.js";
import "../dialog.js";
import { call, finishAttempt, get, pause, serverNow } from "../api.js";
import { declineAdvice } from "../decline.js";
import { forgetDraft } from "../draft.js";
import { t } from "../i18n.js";
import { parseAmount } from "../money.js";
import { orderOfCheckout, payingCheckout, savedOrder, secretHeaders } from "../orders.js";
import { openPayment, paymentFailure } from "../payment.js";
import { tabStore } from "../storage.js";
import { byId, errorText, h, say, showState, whileBusy } from "../ui.js";

const POLL_EVERY_MS = 3000;
const MOST_POLLS = 100;
const UNDECIDED = ["pending", "confirming"];
const NOT_PAID = ["expired", "cancelled"];

const main = byId("main");
const query = new URLSearchParams(location.search);

function orderLink(id, quiet = false) {
  return h("a", { class: quiet ? "button quiet" : "button", href: `/order.html?id=${encodeURIComponent(id)}` }, t("pay.see_order"));
}

function mark(sign, bad) {
  main.querySelector(".state").prepend(h("span", { class: bad ? "state-mark is-bad" : "state-mark", "aria-hidden": "true" }, sign));
}

function showPaid(id) {
  finishAttempt("checkout");
  forgetDraft("checkout");
  tabStore.remove("held");
  showState(main, { title: t("pay.paid"), text: t("pay.paid_text"), role: "status", actions: [id ? orderLink(id) : null].filter(Boolean) });
  mark("✓", false);
}

function canPayAgain(order) {
  return Boolean(order?.payment) && Boolean(order.expires_at) && Date.parse(order.expires_at) > serverNow();
}

function againButton(order) {
  const button = h("button", { class: "button", type: "button" }, t("pay.again"));
  button.addEventListener("click", () => whileBusy(button, async () => {
    try {
      await openPayment(order.payment, order.contact);
    } catch (error) {
      say(main.querySelector(".form-error"), errorText(error));
    }
  }));
  return button;
}

/** A refusal, with the way back to the payment of the same order if it is held. */
function showRefused({ title, text, id, said = null, advice = null }) {
  const order = id ? savedOrder(id) : null;
  showState(main, {
    title,
    text,
    role: "alert",
    actions: [
      canPayAgain(order) ? againButton(order) : h("a", { class: "button", href: "/" }, t("back_home")),
      id ? orderLink(id, true) : null,
    ].filter(Boolean),
  });
  mark("!", true);
  const section = main.querySelector(".state");
  if (advice) section.querySelector(".actions").before(h("p", { class: "advice" }, advice));
  if (said) section.querySelector(".actions").before(h("p", { class: "note" }, t("pay.provider_says", { message: said })));
  section.append(h("p", { class: "form-error", role: "alert", hidden: true }));
}

function showUnfinished() {
  const id = orderOfCheckout(query.get("orderId") ?? payingCheckout())?.id ?? null;
  const code = query.get("code");
  const known = id !== null;
  const cancelled = code === "PAY_PROCESS_CANCELED" || code === "USER_CANCEL";
  showRefused({
    title: cancelled ? t("pay.cancelled") : t("pay.declined"),
    text: paymentFailure(code),
    id: known ? id : null,
    // Anybody can write a message into a link; it is shown only when this
    // browser did set out to pay, and as what the provider says.
    said: known && !cancelled ? query.get("message") : null,
  });
}

async function pollCheckout(checkout, id) {
  showState(main, { title: t("pay.asking"), text: t("pay.asking_text"), role: "status", actions: [id ? orderLink(id, true) : null].filter(Boolean) });
  const text = main.querySelector(".state p");
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    await pause(POLL_EVERY_MS);
    try {
      const { status, orders } = await get(`/checkouts/${encodeURIComponent(checkout)}`, { auth: "optional", headers: secretHeaders(id) });
      if (UNDECIDED.includes(status)) continue;
      if (NOT_PAID.includes(status)) showRefused({ title: t("pay.declined"), text: t(`order.status.${status}`), id });
      else showPaid(orders[0].id);
      return;
    } catch (error) {
      // A lost answer is asked for again; a refusal will not change, and who did not sign in is asked once.
      if (error.isFinal || error.status === 401) break;
    }
  }
  text.textContent = t("pay.asking_long");
}

/** The confirmation's body from the address, or null when it is not one. */
function readReturn() {
  const paymentKey = query.get("paymentKey") ?? "";
  // What the provider calls the order is our checkout.
  const checkout = query.get("orderId") ?? "";
  const currency = orderOfCheckout(checkout)?.payment.amount.currency ?? "KRW";
  const amount = parseAmount(query.get("amount") ?? "", currency);
  // 200 is the provider's limit, and the key must fit an Idempotency-Key.
  if (!/^[\x21-\x7e]{1,200}$/.test(paymentKey) || checkout === "" || amount === null) return null;
  return { checkout_id: checkout, payment_key: paymentKey, amount: { amount, currency } };
}

async function confirm(body) {
  const id = orderOfCheckout(body.checkout_id)?.id ?? null;
  try {
    const { status, body: paid } = await call("POST", "/payments/confirm", { body, key: `confirm-${body.payment_key}`, auth: "none" });
    if (status === 202) await pollCheckout(body.checkout_id, id);
    else showPaid(paid.checkout.orders[0].id);
  } catch (error) {
    if (error.code === "payments.already_paid") showPaid(id);
    else if (error.code === "request.in_progress") await pollCheckout(body.checkout_id, id);
    else if (error.isFinal || error.code === "payments.too_many_attempts") {
      showRefused({ title: t("pay.declined"), text: errorText(error), id, advice: declineAdvice(error.reason ?? null) });
    } else {
      // Not a refusal: the money may have moved, so asking again is the way.
      showState(main, {
        title: t("pay.asking"),
        text: errorText(error),
        role: "alert",
        actions: [h("button", { class: "button", type: "button", on: { click: () => confirm(body) } }, t("retry")), id ? orderLink(id, true) : null].filter(Boolean),
      });
    }
  }
}

const body = readReturn();
if (query.has("code")) showUnfinished();
else if (body) confirm(body);
else {
  showState(main, {
    title: t("pay.broken"),
    text: t("pay.broken_text"),
    actions: [h("a", { class: "button", href: "/order.html" }, t("nav.orders"))],
  });
}
