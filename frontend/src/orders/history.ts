// The history of an order as its buyer understands it. The order itself goes from "pending" to "confirming"
// and back each time that a card is refused; for a person that is one event.

import type { Order, OrderStatus } from "./types";

/** What happened: the order was placed, a card was refused, or the order came into a state. */
export type HappenedKind = "placed" | "refused" | OrderStatus;

export interface Happened {
  kind: HappenedKind;
  at: string;
}

export function whatHappened(history: Order["history"]): Happened[] {
  const happened: Happened[] = [];
  history.forEach(({ status, at }, index) => {
    const [before, next] = [history[index - 1]?.status, history[index + 1]];
    if (status === "pending") happened.push({ kind: before === undefined ? "placed" : "refused", at });
    else if (status !== "confirming" || next === undefined) happened.push({ kind: status, at });
  });
  return happened;
}

/** The states of an order for which all goes well. */
export const WAY = ["pending", "paid", "preparing", "shipping", "delivered", "confirmed"] as const satisfies OrderStatus[];

/** How far along its way an order is; null when it left it. */
export function placeOnWay(status: OrderStatus): number | null {
  const place = (WAY as readonly OrderStatus[]).indexOf(status === "confirming" ? "pending" : status);
  return place < 0 ? null : place;
}
