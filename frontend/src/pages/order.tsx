// One order: how far it is, what its buyer can do, and what happened to it. Without an id in the address, the
// orders that were made on this device.

import { signal, useSignal } from "@preact/signals";

import { keysOfPage } from "../api/attempts";
import { maybeMember, take } from "../api/client";
import { ApiError } from "../api/problem";
import { BusyButton } from "../kit/busy-button";
import { useCountdown } from "../kit/countdown";
import { Field, textOf } from "../kit/form";
import { Problem } from "../kit/problem";
import { ProgressLine } from "../kit/progress-line";
import { LoadError, State } from "../kit/texts";
import { moneyText } from "../lib/money";
import { dateText } from "../lib/time";
import { phoneText } from "../orders/address";
import { ActionDialog, MOST_REASON } from "../orders/action-dialog";
import { DeviceOrders } from "../orders/device-orders";
import { WAY, placeOnWay, whatHappened } from "../orders/history";
import { PayButton } from "../orders/pay-button";
import type { Order, OrderStatus } from "../orders/types";
import { AddressLines, CancellationPart, OrderLines, ShipmentPart, Totals } from "../orders/view";
import { refusalAt, saveOrder, savedOrder, secretHeaders } from "../session/saved-orders";
import { shownUser, signInAddress } from "../session/session";
import { hasText, t } from "../texts/texts";
import { startPage } from "./start";

const WAITING: OrderStatus[] = ["pending", "confirming"];
const OVER: OrderStatus[] = ["expired", "cancelled", "returned"];
const NOT_THEIRS = [400, 401, 403, 404];

const id = new URLSearchParams(location.search).get("id") ?? "";
const order = signal<Order | null>(null);
const failure = signal<unknown>(null);
const keyFor = keysOfPage();

/**
 * Moves the order's secret from the address into storage, so that nobody reads it from the buyer's screen. It
 * stands behind the #, so no server has seen it.
 */
function takeSecret(): void {
  const secret = new URLSearchParams(location.hash.slice(1)).get("secret");
  if (!secret || id === "") return;
  saveOrder(id, { secret });
  history.replaceState(null, "", location.pathname + location.search);
}

async function load(): Promise<void> {
  failure.value = null;
  try {
    show(await take(maybeMember.GET("/orders/{order_id}", { params: { path: { order_id: id } }, headers: secretHeaders(id) })));
  } catch (error) {
    failure.value = error;
  }
}

function show(next: Order): void {
  order.value = next;
  document.title = `${next.number} · ${t("brand")}`;
}

async function move(shown: Order, body: { action: "cancel" | "confirm_receipt"; reason?: string }): Promise<void> {
  const header = { "Idempotency-Key": keyFor([shown.history.length, body]) };
  try {
    show(await take(maybeMember.POST("/orders/{order_id}/transitions", { params: { path: { order_id: id }, header }, headers: secretHeaders(id), body })));
  } catch (error) {
    // Somebody else moved it meanwhile: behind the dialog stands what can be done now.
    if (error instanceof ApiError && error.code === "orders.action_not_open") void load();
    throw error;
  }
}

function PayPart({ shown }: { shown: Order }) {
  const problem = useSignal("");
  const payment = savedOrder(shown.id)?.payment;
  // Only the device that ordered knows how to open the payment.
  if (!payment) return <p class="note">{t("order.pay_elsewhere")}</p>;
  return (
    <>
      <Problem text={problem.value} />
      <PayButton class="button large" payment={payment} contact={shown.contact} problem={problem}>
        {t("order.pay", { price: moneyText(payment.amount) })}
      </PayButton>
    </>
  );
}

/** Exactly the buttons that the API offers. */
function Actions({ shown }: { shown: Order }) {
  const asked = useSignal<"cancel" | "confirm_receipt" | null>(null);
  const left = useCountdown(shown.status === "pending" ? shown.expires_at : null);
  const offers = (action: string) => shown.actions.includes(action);
  const close = () => {
    asked.value = null;
  };
  const send = async (form: HTMLFormElement) => {
    if (asked.value === null) return;
    const reason = textOf(form, "reason");
    await move(shown, { action: asked.value, ...(reason !== "" && { reason }) });
    close();
  };
  return (
    <>
      {offers("confirm_receipt") && <p class="note">{t("order.receipt_note")}</p>}
      {left !== null && <p class="note">{left === "" ? t("order.hold_over") : t("order.hold_left", { time: left })}</p>}
      {offers("pay") && left !== "" && <PayPart shown={shown} />}
      <div class="actions">
        {offers("confirm_receipt") && (
          <button class="button" type="button" data-action="confirm_receipt" onClick={() => (asked.value = "confirm_receipt")}>
            {t("order.confirm_receipt")}
          </button>
        )}
        {WAITING.includes(shown.status) && (
          <BusyButton class="button quiet" onTap={load}>
            {t("order.refresh")}
          </BusyButton>
        )}
        {offers("cancel") && (
          <button class="button quiet" type="button" data-action="cancel" onClick={() => (asked.value = "cancel")}>
            {t("order.cancel")}
          </button>
        )}
      </div>
      {asked.value === "cancel" && (
        <ActionDialog title={t("order.cancel_ask")} text={t(shown.paid_at ? "order.cancel_text" : "order.cancel_unpaid_text")} submit={t("order.cancel_do")} isDanger onSend={send} onClose={close}>
          <Field name="reason" label="order.reason" isOptional maxLength={MOST_REASON} />
        </ActionDialog>
      )}
      {asked.value === "confirm_receipt" && (
        <ActionDialog title={t("order.confirm_ask")} text={t("order.confirm_text")} submit={t("order.confirm_do")} onSend={send} onClose={close} />
      )}
    </>
  );
}

function StatusPart({ shown }: { shown: Order }) {
  const place = placeOnWay(shown.status);
  const look = WAITING.includes(shown.status) ? "is-waiting" : OVER.includes(shown.status) ? "is-over" : "";
  return (
    <section class={`sheet status whole-row ${look}`}>
      <h1>{t(`order.status.${shown.status}`)}</h1>
      <p class="note">
        {[`${t("order.number")} ${shown.number}`, shown.store_name && t("order.store", { store: shown.store_name })].filter(Boolean).join(" · ")}
      </p>
      {place !== null && <ProgressLine label={t("order.way")} steps={WAY.map((step) => t(`order.step.${step}`))} place={place} />}
      <Actions shown={shown} />
    </section>
  );
}

/** That a card was refused and why; null where this device does not know why. */
function refusalText(at: string): string | null {
  const key = `order.refused.${refusalAt(id, at)}`;
  return hasText(key) ? t("order.refused_because", { reason: t(key) }) : null;
}

function NotFound() {
  return (
    <State title={t("order.not_found")} text={t("order.not_found_text")}>
      {shownUser.value === null && (
        <a class="button" href={signInAddress()}>
          {t("nav.sign_in")}
        </a>
      )}
      <a class="button quiet" href="/">
        {t("back_home")}
      </a>
    </State>
  );
}

function OrderPage() {
  const [shown, error] = [order.value, failure.value];
  if (error instanceof ApiError && NOT_THEIRS.includes(error.status)) return <NotFound />;
  if (error !== null) return <LoadError error={error} again={load} />;
  if (shown === null) return <p class="loading">{t("loading")}</p>;
  const { contact } = shown;
  return (
    <div class="order">
      <StatusPart shown={shown} />
      <section class="sheet">
        <h2>{t("order.lines")}</h2>
        <OrderLines lines={shown.lines} />
        <Totals {...shown} />
      </section>
      <div class="lines">
        {shown.shipment && (
          <section class="sheet">
            <h2>{t("order.shipment")}</h2>
            <ShipmentPart shipment={shown.shipment} />
          </section>
        )}
        {(shown.cancellation || shown.refunded.amount > 0) && (
          <section class="sheet">
            <h2>{t("order.cancellation")}</h2>
            <CancellationPart order={shown} />
          </section>
        )}
        <section class="sheet">
          <h2>{t("order.history")}</h2>
          <ol class="timeline">
            {whatHappened(shown.history).map(({ kind, at }) => (
              <li key={`${kind} ${at}`}>
                <strong>{(kind === "refused" && refusalText(at)) || t(`order.happened.${kind}`)}</strong>
                <time class="note" dateTime={at}>
                  {dateText(at)}
                </time>
              </li>
            ))}
          </ol>
        </section>
        <section class="sheet">
          <h2>{t("order.address")}</h2>
          <AddressLines shipping={shown.shipping} />
          <p class="note">{`${t("order.contact")}: ${contact.name} · ${phoneText(contact.phone)} · ${contact.email}`}</p>
        </section>
      </div>
    </div>
  );
}

takeSecret();
void startPage(id === "" ? DeviceOrders : OrderPage, {
  ko: () => import("texts:ko:common,order,orders,payment"),
  en: () => import("texts:en:common,order,orders,payment"),
}).then(() => (id === "" ? undefined : load()));
