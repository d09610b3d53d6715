// How a list of orders looks: which list, which state, the orders, and more of them.

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";

import { BusyButton } from "../kit/busy-button";
import { LoadError, errorText } from "../kit/texts";
import { t } from "../texts/texts";
import type { OrderList } from "./list";
import type { Order, OrderStatus } from "./types";

function View({ href, name }: { href: string; name: string }) {
  return (
    <li>
      <a href={href} aria-current={location.pathname === href ? "page" : undefined}>
        {name}
      </a>
    </li>
  );
}

/** What a person bought, and what their store sold. */
export function OrderViews() {
  return (
    <nav aria-label={t("orders.views")}>
      <ul class="views">
        <View href="/orders.html" name={t("orders.title")} />
        <View href="/store-orders.html" name={t("nav.store_orders")} />
      </ul>
    </nav>
  );
}

function Chip({ list, state }: { list: OrderList; state: OrderStatus | null }) {
  const tap = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    list.choose(state);
  };
  return (
    <li>
      <a class="chip" href={list.addressOf(state)} data-state={state ?? ""} aria-current={list.chosen.value === state ? "true" : undefined} onClick={tap}>
        {t(state === null ? "orders.all" : `orders.tab.${state}`)}
      </a>
    </li>
  );
}

interface Props {
  list: OrderList;
  /** What to tell where there is no order at all. */
  emptyText?: string;
  Item: ComponentType<{ order: Order }>;
}

function Orders({ list, emptyText, Item }: Props) {
  const [orders, failure] = [list.orders.value, list.failure.value];
  if (failure !== null) return <LoadError error={failure} again={list.showFirst} home={false} />;
  if (orders === null) return <p class="loading">{t("loading")}</p>;
  if (orders.length === 0) {
    return (
      <section class="state">
        <h2>{t(list.chosen.value === null ? "orders.empty" : "orders.empty_state")}</h2>
        {list.chosen.value === null && emptyText && <p>{emptyText}</p>}
      </section>
    );
  }
  return orders.map((order) => <Item key={order.id} order={order} />);
}

export function OrderListView({ list, emptyText, Item }: Props) {
  const message = useSignal("");
  const place = useRef<HTMLDivElement>(null);
  const showMore = async () => {
    const shown = list.orders.value?.length ?? 0;
    try {
      message.value = t("orders.more_done", { count: await list.showMore() });
      requestAnimationFrame(() => place.current?.children[shown]?.querySelector("a")?.focus({ preventScroll: true }));
    } catch (error) {
      message.value = errorText(error);
    }
  };
  return (
    <>
      <nav aria-label={t("orders.states")}>
        <ul class="chips">
          {[null, ...list.states].map((state) => (
            <Chip key={state} list={list} state={state} />
          ))}
        </ul>
      </nav>
      <div class="lines" ref={place} aria-busy={list.orders.value === null && list.failure.value === null ? "true" : undefined}>
        <Orders list={list} emptyText={emptyText} Item={Item} />
      </div>
      <p class="message" role="status" hidden={message.value === ""}>
        {message.value}
      </p>
      {list.hasMore.value && list.orders.value !== null && (
        <div class="center">
          <BusyButton class="button quiet" onTap={showMore}>
            {t("orders.more")}
          </BusyButton>
        </div>
      )}
    </>
  );
}
