// What a member ordered, on whichever device.

import { member, take } from "../api/client";
import { endlessList } from "../kit/endless-list";
import { NoPicture, Picture } from "../kit/picture";
import { moneyText } from "../lib/money";
import { dateText } from "../lib/time";
import { OrderListView, OrderViews } from "../orders/list-view";
import type { Order, OrderStatus } from "../orders/types";
import { orderAddress } from "../orders/address";
import { savedOrders } from "../session/saved-orders";
import { t } from "../texts/texts";
import { membersOnly, startPage } from "./start";

const STATES = ["pending", "paid", "preparing", "shipping", "delivered", "confirmed", "cancel_refunding", "cancelled"] as const;

const list = endlessList({
  parameter: "status",
  choices: STATES,
  fetchPage: (query, chosen) => take(member.GET("/orders", { params: { query: { ...query, ...(chosen && { status: chosen as OrderStatus }) } } })),
});

/** What was bought, in short. */
function orderName(lines: Order["lines"]): string {
  const [first, ...others] = lines;
  const title = first?.title ?? "";
  return others.length === 0 ? title : t("orders.and_more", { title, count: others.length });
}

function OrderCard({ order }: { order: Order }) {
  const [line] = order.lines;
  return (
    <article class="sheet">
      <a class="order-card" href={orderAddress(order.id)} data-order={order.id}>
        <span class="order-card-head">
          <strong class="badge">{t(`orders.tab.${order.status}`)}</strong>
          <span class="note">{dateText(order.placed_at)}</span>
        </span>
        <span class="line">
          {line?.picture ? <Picture src={line.picture} size={64} /> : <NoPicture title={line?.title ?? ""} />}
          <span class="order-card-facts">
            <span class="line-title">{orderName(order.lines)}</span>
            <span>{moneyText(order.total)}</span>
            {order.store_name && <span class="note">{t("order.store", { store: order.store_name })}</span>}
          </span>
        </span>
      </a>
    </article>
  );
}

function MyOrders() {
  return (
    <div class="order-list">
      <h1>{t("orders.title")}</h1>
      <OrderViews />
      <OrderListView list={list} states={STATES} Item={OrderCard} />
      {savedOrders().some(({ secret, name }) => secret && name) && (
        <p class="note">
          <a href="/order.html">{t("orders.to_device")}</a>
        </p>
      )}
    </div>
  );
}

void membersOnly()
  .then(() =>
    startPage(MyOrders, {
      ko: () => import("texts:ko:common,order,orders"),
      en: () => import("texts:en:common,order,orders"),
    }),
  )
  .then(list.showFirst);
