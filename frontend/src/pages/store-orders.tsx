// What a store was paid for, and what its people do about it: prepare, ship, note the delivery, call off.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { keysOfPage } from "../api/attempts";
import { member, take } from "../api/client";
import { ApiError } from "../api/problem";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { CopyButton } from "../kit/copy-button";
import { endlessList } from "../kit/endless-list";
import { Field, textOf } from "../kit/form";
import { Problem, tellProblem } from "../kit/problem";
import { State } from "../kit/texts";
import { dateText } from "../lib/time";
import { addressLines, phoneText } from "../orders/address";
import { ActionDialog, MOST_REASON } from "../orders/action-dialog";
import { OrderListView, OrderViews } from "../orders/list-view";
import { ShipDialog, type Shipping } from "../orders/ship-dialog";
import type { Order, OrderStatus } from "../orders/types";
import { AddressLines, CancellationPart, OrderLines, ShipmentPart, Totals } from "../orders/view";
import { pageUser } from "../session/session";
import { t } from "../texts/texts";
import { membersOnly, startPage } from "./start";

type StoreAction = components["schemas"]["StoreAction"];
type Step = { action: Exclude<StoreAction, "ship" | "cancel"> } | ({ action: "ship" } & Shipping) | { action: "cancel"; reason: string };

/**
 * The store in the address; without one, the person's own stall. The id of a stall follows from that of its
 * keeper (StoreId::stall_of in shared/domain).
 */
function storeId(): string {
  return new URLSearchParams(location.search).get("store") ?? (pageUser()?.id ?? "").replace(/^usr_/, "sto_");
}

const STATES = ["paid", "preparing", "shipping", "delivered", "confirmed", "cancel_refunding", "cancelled"] as const;

const list = endlessList({
  parameter: "status",
  choices: STATES,
  fetchPage: (page, chosen) => {
    const query = { ...page, ...(chosen && { status: chosen as OrderStatus }) };
    return take(member.GET("/stores/{store_id}/orders", { params: { path: { store_id: storeId() }, query } }));
  },
});
const keyFor = keysOfPage();

async function move(order: Order, step: Step): Promise<void> {
  const path = { store_id: storeId(), order_id: order.id };
  const header = { "Idempotency-Key": keyFor([order.id, order.history.length, step]) };
  list.replace(await take(member.POST("/stores/{store_id}/orders/{order_id}/transitions", { params: { path, header }, body: step })));
}

/** Exactly the buttons that the API offers. */
function Actions({ order }: { order: Order }) {
  const asked = useSignal<StoreAction | null>(null);
  const problem = useSignal("");
  /** Whether the order was moved by somebody else meanwhile, such as its buyer. */
  const isStale = useRef(false);
  const close = () => {
    asked.value = null;
    if (isStale.current) void list.showFirst();
  };
  const go = async (step: Step) => {
    try {
      await move(order, step);
    } catch (error) {
      isStale.current = error instanceof ApiError && error.code === "orders.action_not_open";
      throw error;
    }
    close();
  };
  const ask = (action: "ship" | "deliver" | "cancel", name: string) =>
    order.actions.includes(action) && (
      <button class={action === "cancel" ? "button quiet" : "button"} type="button" data-action={action} onClick={() => (asked.value = action)}>
        {name}
      </button>
    );
  return (
    <>
      <Problem text={problem.value} />
      <div class="actions">
        {order.actions.includes("prepare") && (
          <BusyButton data-action="prepare" onTap={() => tellProblem(problem, () => go({ action: "prepare" }))}>
            {t("store_orders.prepare")}
          </BusyButton>
        )}
        {ask("ship", t("store_orders.ship"))}
        {ask("deliver", t("store_orders.deliver"))}
        {ask("cancel", t("order.cancel"))}
      </div>
      {asked.value === "ship" && <ShipDialog onSend={(shipping) => go({ action: "ship", ...shipping })} onClose={close} />}
      {asked.value === "deliver" && (
        <ActionDialog
          title={t("store_orders.deliver_ask")}
          text={t("store_orders.deliver_text")}
          submit={t("store_orders.deliver_do")}
          onSend={() => go({ action: "deliver" })}
          onClose={close}
        />
      )}
      {asked.value === "cancel" && (
        <ActionDialog
          title={t("order.cancel_ask")}
          text={t("store_orders.cancel_text")}
          submit={t("order.cancel_do")}
          isDanger
          onSend={(form) => go({ action: "cancel", reason: textOf(form, "reason") })}
          onClose={close}
        >
          <Field name="reason" label="order.reason" maxLength={MOST_REASON} required />
        </ActionDialog>
      )}
    </>
  );
}

function StoreOrder({ order }: { order: Order }) {
  const { contact, shipping, shipment } = order;
  return (
    <article id={order.id} class="sheet store-order" data-order={order.id}>
      <header class="order-card-head">
        <h2 class="badge">{t(`orders.tab.${order.status}`)}</h2>
        <span class="note">{`${order.number} · ${dateText(order.placed_at)}`}</span>
      </header>
      <div>
        <OrderLines lines={order.lines} />
        <Totals {...order} />
      </div>
      <div class="parts">
        <section>
          <h3>{t("order.address")}</h3>
          <AddressLines shipping={shipping} />
          <p class="note">{`${t("store_orders.buyer")}: ${contact.name} · ${phoneText(contact.phone)} · ${contact.email}`}</p>
          <CopyButton text={addressLines(shipping).join("\n")} label="store_orders.copy_address" />
        </section>
        {shipment && (
          <section>
            <h3>{t("order.shipment")}</h3>
            <ShipmentPart shipment={shipment} />
          </section>
        )}
        {(order.cancellation || order.refunded.amount > 0) && (
          <section>
            <h3>{t("order.cancellation")}</h3>
            <CancellationPart order={order} />
          </section>
        )}
      </div>
      <Actions order={order} />
    </article>
  );
}

function StoreOrders() {
  const error = list.failure.value;
  if (error instanceof ApiError && [400, 403, 404].includes(error.status)) {
    return (
      <State title={t("store_orders.not_yours")}>
        <a class="button" href="/">
          {t("back_home")}
        </a>
      </State>
    );
  }
  return (
    <div class="order-list">
      <h1>{t("store_orders.title")}</h1>
      <OrderViews />
      <OrderListView list={list} states={STATES} emptyText={t("store_orders.empty_text")} Item={StoreOrder} />
    </div>
  );
}

void membersOnly()
  .then(() =>
    startPage(StoreOrders, {
      ko: () => import("texts:ko:common,order,orders,store-orders"),
      en: () => import("texts:en:common,order,orders,store-orders"),
    }),
  )
  .then(list.showFirst)
  // The mail of a sale leads to its order.
  .then(() => requestAnimationFrame(() => document.getElementById(location.hash.slice(1))?.scrollIntoView()));
