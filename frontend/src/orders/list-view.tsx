// How a list of orders looks: which list, which state, the orders, and more of them.

import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";

import type { EndlessList } from "../kit/endless-list";
import { Chips, MoreButton } from "../kit/endless-view";
import { LoadError } from "../kit/texts";
import { t } from "../texts/texts";
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

interface Props {
  list: EndlessList<Order>;
  /** The states that can be chosen. */
  states: readonly OrderStatus[];
  /** What to tell where there is no order at all. */
  emptyText?: string;
  Item: ComponentType<{ order: Order }>;
}

function Orders({ list, emptyText, Item }: Omit<Props, "states">) {
  const [orders, failure] = [list.items.value, list.failure.value];
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

export function OrderListView({ list, states, emptyText, Item }: Props) {
  const place = useRef<HTMLDivElement>(null);
  return (
    <>
      <Chips list={list} label={t("orders.states")} choices={[[null, t("orders.all")], ...states.map((state) => [state, t(`orders.tab.${state}`)] as const)]} />
      <div class="lines" ref={place} aria-busy={list.items.value === null && list.failure.value === null ? "true" : undefined}>
        <Orders list={list} emptyText={emptyText} Item={Item} />
      </div>
      <MoreButton list={list} place={place} doneText={(count) => t("orders.more_done", { count })}>
        {t("orders.more")}
      </MoreButton>
    </>
  );
}
