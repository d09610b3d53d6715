// What a member ordered, on whichever device.

import { member, take } from "../api/client";
import { NoPicture, Picture } from "../kit/picture";
import { moneyText } from "../lib/money";
import { dateText } from "../lib/time";
import { orderList } from "../orders/list";
import { OrderListView, OrderViews } from "../orders/list-view";
import type { Order } from "../orders/types";
import { orderAddress } from "../orders/view";
import { savedOrders } from "../session/saved-orders";
import { t } from "../texts/texts";
import { membersOnly, startPage } from "./start";

const list = orderList(["pending", "paid", "preparing", "shipping", "delivered", "confirmed", "cancel_refunding", "cancelled"], (query) =>
  take(member.GET("/orders", { params: { query } })),
);

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
      <OrderListView list={list} Item={OrderCard} />
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
