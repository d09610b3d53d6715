// The orders made on this device: what a guest needs to see the order again (its secret) and what
// anybody needs to pay again (how to open the payment).

import { deviceStore, tabStore } from "../lib/storage";

const MOST_KEPT = 30;

export interface SavedOrder {
  id: string;
  secret?: string;
  [known: string]: unknown;
}

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
export function saveOrder(id: string, known: Record<string, unknown>): void {
  keep([{ ...savedOrder(id), ...known, id }, ...savedOrders().filter((order) => order.id !== id)]);
}

/** Forgets the orders of the member; a guest's stay. */
export function forgetMemberOrders(): void {
  keep(savedOrders().filter((order) => order.secret));
}

/** Remembers which order is being paid: a cancelled window may not say. */
export function setPaying(id: string): void {
  tabStore.set("paying", id);
}

/** The order that this tab set out to pay, or null. */
export function payingOrder(): string | null {
  return tabStore.get<string>("paying");
}
