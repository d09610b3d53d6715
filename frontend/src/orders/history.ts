// The history of an order as its buyer understands it. The order itself goes from "pending" to "confirming"
// and back each time that a card is refused, and a refund passes through a state of its own; for a person
// each of these is one event.

import type { Order, OrderStatus } from "./types";

export type HappenedKind =
  | "placed"
  | "refused"
  | "confirming"
  | "paid"
  | "preparing"
  | "shipping"
  | "delivered"
  | "confirmed"
  | "expired"
  | "cancelled"
  | "return_requested"
  | "returned"
  | "refunded";

export interface Happened {
  kind: HappenedKind;
  at: string;
}

function kindOf(status: OrderStatus, before: OrderStatus | undefined, isLast: boolean): HappenedKind | null {
  switch (status) {
    case "pending":
      return before === undefined ? "placed" : "refused";
    case "confirming":
      return isLast ? "confirming" : null;
    case "cancel_refunding":
      return "cancelled";
    case "return_refunding":
      return "returned";
    case "cancelled":
      return before === "cancel_refunding" ? "refunded" : "cancelled";
    case "returned":
      return "refunded";
    default:
      return status;
  }
}

export function whatHappened(history: Order["history"]): Happened[] {
  return history.flatMap(({ status, at }, index) => {
    const kind = kindOf(status, history[index - 1]?.status, index === history.length - 1);
    return kind === null ? [] : [{ kind, at }];
  });
}

/** The states of an order for which all goes well. */
export const WAY = ["pending", "paid", "preparing", "shipping", "delivered", "confirmed"] as const satisfies OrderStatus[];

/** How far along its way an order is; null when it left it. */
export function placeOnWay(status: OrderStatus): number | null {
  const place = (WAY as readonly OrderStatus[]).indexOf(status === "confirming" ? "pending" : status);
  return place < 0 ? null : place;
}
