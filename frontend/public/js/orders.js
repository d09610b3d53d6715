// The orders made on this device: what a guest needs to see the order again
// (its secret) and what anybody needs to pay again (how to open the payment).

import { deviceStore, tabStore } from "./storage.js";

const MOST_KEPT = 30;

function all() {
  const saved = deviceStore.get("orders");
  return Array.isArray(saved) ? saved : [];
}

function keep(orders) {
  deviceStore.set("orders", orders.slice(0, MOST_KEPT));
}

/** What is known here of an order, or null. */
export function savedOrder(id) {
  return all().find((order) => order.id === id) ?? null;
}

/** The order made here that a checkout pays, or null. The payment window knows the checkout alone. */
export function orderOfCheckout(checkout) {
  return all().find((order) => order.payment?.order_id === checkout) ?? null;
}

/** The orders made here, newest first. */
export function savedOrders() {
  return all();
}

/** Adds to what is known of an order. */
export function saveOrder(id, known) {
  keep([{ ...savedOrder(id), ...known, id }, ...all().filter((order) => order.id !== id)]);
}

/** Forgets the orders of the member; a guest's stay. */
export function forgetMemberOrders() {
  keep(all().filter((order) => order.secret));
}

/** Headers that open an order to a guest. */
export function secretHeaders(id) {
  const secret = savedOrder(id)?.secret;
  return secret ? { "Order-Secret": secret } : {};
}

/** Remembers which checkout is being paid: a cancelled window may not say. */
export function setPaying(id) {
  tabStore.set("paying", id);
}

/** The checkout that this tab set out to pay, or null. */
export function payingCheckout() {
  return tabStore.get("paying");
}
