// A list of orders, all of them or those in one state, the newest first and more by cursor. The state stands
// in the address.

import { type ReadonlySignal, signal } from "@preact/signals";

import type { components } from "../api/schema";
import type { Order, OrderStatus } from "./types";

const PAGE_SIZE = 12;

type Page = components["schemas"]["PageOfOrder"];

export interface ListQuery {
  limit: number;
  status?: OrderStatus;
  cursor?: string;
}

export interface OrderList {
  /** The states that can be chosen. */
  states: readonly OrderStatus[];
  chosen: ReadonlySignal<OrderStatus | null>;
  /** Null while they are on their way. */
  orders: ReadonlySignal<Order[] | null>;
  hasMore: ReadonlySignal<boolean>;
  failure: ReadonlySignal<unknown>;
  showFirst: () => Promise<void>;
  /** Shows more, and gives how many. */
  showMore: () => Promise<number>;
  choose: (state: OrderStatus | null) => void;
  /** The address of the list in a state. */
  addressOf: (state: OrderStatus | null) => string;
  /** Shows an order as it is now. */
  replace: (order: Order) => void;
}

export function orderList(states: readonly OrderStatus[], fetchPage: (query: ListQuery) => Promise<Page>): OrderList {
  const inAddress = () => states.find((state) => state === new URLSearchParams(location.search).get("status")) ?? null;
  const chosen = signal(inAddress());
  const orders = signal<Order[] | null>(null);
  const cursor = signal<string | null>(null);
  const hasMore = signal(false);
  const failure = signal<unknown>(null);
  /** Grows with every change of the state, so that a late answer is dropped. */
  let generation = 0;

  /** The next page that has something on it: one of a state may be empty while more follow. */
  async function fetchNext(): Promise<Order[] | null> {
    const mine = generation;
    for (;;) {
      const query = { limit: PAGE_SIZE, ...(chosen.value && { status: chosen.value }), ...(cursor.value && { cursor: cursor.value }) };
      const page = await fetchPage(query);
      if (mine !== generation) return null;
      cursor.value = page.next_cursor ?? null;
      hasMore.value = cursor.value !== null;
      if (page.items.length > 0 || !hasMore.value) return page.items;
    }
  }

  async function showFirst(): Promise<void> {
    const mine = ++generation;
    [orders.value, cursor.value, hasMore.value, failure.value] = [null, null, false, null];
    try {
      orders.value = (await fetchNext()) ?? orders.value;
    } catch (error) {
      if (mine === generation) failure.value = error;
    }
  }

  async function showMore(): Promise<number> {
    const items = (await fetchNext()) ?? [];
    // What came in since the first page moves the others: an order is shown once.
    const shown = new Set(orders.value?.map(({ id }) => id));
    const fresh = items.filter(({ id }) => !shown.has(id));
    orders.value = [...(orders.value ?? []), ...fresh];
    return fresh.length;
  }

  function addressOf(state: OrderStatus | null): string {
    const query = new URLSearchParams(location.search);
    if (state === null) query.delete("status");
    else query.set("status", state);
    return location.pathname + (query.size > 0 ? `?${query}` : "");
  }

  function choose(state: OrderStatus | null): void {
    history.pushState(null, "", addressOf(state));
    chosen.value = state;
    void showFirst();
  }

  addEventListener("popstate", () => {
    chosen.value = inAddress();
    void showFirst();
  });

  const replace = (order: Order) => {
    orders.value = orders.value?.map((other) => (other.id === order.id ? order : other)) ?? null;
  };

  return { states, chosen, orders, hasMore, failure, showFirst, showMore, choose, addressOf, replace };
}
