// The orders made on this device: what a guest needs to see the order again (its secret) and what
// anybody needs to pay again (how to open the payment).

import type { components } from "../api/schema";
import { deviceStore, tabStore } from "../lib/storage";
import { serverNow } from "../lib/time";

const MOST_KEPT = 30;

type Order = components["schemas"]["Order"];

export interface SavedOrder extends Partial<Pick<Order, "contact" | "expires_at" | "total" | "placed_at">> {
  id: string;
  /** What opens the order to a guest. */
  secret?: string;
  /** How to open the payment. */
  payment?: components["schemas"]["PaymentStart"];
  /** What was bought, in short. */
  name?: string;
  /** Why cards were refused: the order itself remembers only when. */
  refusals?: Refusal[];
}

interface Refusal {
  at: string;
  reason: string;
}

/** A refusal is told to this device at most this long after the order noted it. */
const MOST_LATE_MS = 60_000;

/** The orders made here, the newest first. */
export function savedOrders(): SavedOrder[] {
  const saved = deviceStore.get<SavedOrder[]>("orders");
  return Array.isArray(saved) ? saved : [];
}

function keep(orders: SavedOrder[]): void {
  deviceStore.set("orders", orders.slice(0, MOST_KEPT));
}

/** What is known here of an order, or null. */
export function savedOrder(id: string): SavedOrder | null {
  return savedOrders().find((order) => order.id === id) ?? null;
}

/** Adds to what is known of an order. */
export function saveOrder(id: string, known: Omit<SavedOrder, "id">): void {
  keep([{ ...savedOrder(id), ...known, id }, ...savedOrders().filter((order) => order.id !== id)]);
}

/** Forgets the orders of the member; a guest's stay. */
export function forgetMemberOrders(): void {
  keep(savedOrders().filter((order) => order.secret));
}

/** The order made here that a checkout pays, or null. The payment window knows the checkout alone. */
export function orderOfCheckout(checkout: string | null): SavedOrder | null {
  return savedOrders().find((order) => order.payment?.order_id === checkout) ?? null;
}

/** Remembers why a card was refused. */
export function saveRefusal(id: string, reason: string): void {
  const at = new Date(serverNow()).toISOString();
  saveOrder(id, { refusals: [...(savedOrder(id)?.refusals ?? []), { at, reason }] });
}

/** Why a card was refused at that time, where it was refused on this device; else null. */
export function refusalAt(id: string, at: string): string | null {
  const late = (refusal: Refusal) => Math.abs(Date.parse(refusal.at) - Date.parse(at));
  const [nearest] = [...(savedOrder(id)?.refusals ?? [])].sort((one, other) => late(one) - late(other));
  return nearest && late(nearest) <= MOST_LATE_MS ? nearest.reason : null;
}

/** Headers that open an order to a guest. */
export function secretHeaders(id: string): Record<string, string> {
  const secret = savedOrder(id)?.secret;
  return secret ? { "Order-Secret": secret } : {};
}

/** Remembers which checkout is being paid: a cancelled window may not say. */
export function setPaying(id: string): void {
  tabStore.set("paying", id);
}

/** The checkout that this tab set out to pay, or null. */
export function payingCheckout(): string | null {
  return tabStore.get<string>("paying");
}
