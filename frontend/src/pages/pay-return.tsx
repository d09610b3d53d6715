// Back from the payment window: asks the server to confirm, and says in plain words whether the order is
// paid, refused, or still being asked about.

import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { finishAttempt } from "../api/attempts";
import { anyone, maybeMember, take } from "../api/client";
import { ApiError } from "../api/problem";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { Problem } from "../kit/problem";
import { State, errorText } from "../kit/texts";
import { parseAmount } from "../lib/money";
import { tabStore } from "../lib/storage";
import { pause, serverNow } from "../lib/time";
import { orderAddress } from "../orders/address";
import { PayButton } from "../orders/pay-button";
import { declineAdvice, paymentFailure } from "../orders/payment";
import { orderOfCheckout, payingCheckout, saveRefusal, savedOrder, secretHeaders } from "../session/saved-orders";
import { t } from "../texts/texts";
import { startPage } from "./start";

const POLL_EVERY_MS = 3000;
const MOST_POLLS = 100;

interface Confirmation {
  checkout_id: string;
  payment_key: string;
  amount: components["schemas"]["Money"];
}

type Shown =
  | { kind: "checking" }
  | { kind: "paid"; id: string | null }
  | { kind: "refused"; title: string; text: string; id: string | null; said?: string | null; advice?: string | null }
  | { kind: "asking"; id: string | null; isLong: boolean }
  | { kind: "unclear"; id: string | null; text: string; again: Confirmation }
  | { kind: "broken" };

const query = new URLSearchParams(location.search);
const shown = signal<Shown>({ kind: "checking" });

function showPaid(id: string | null): void {
  finishAttempt("checkout");
  tabStore.remove("draft.checkout");
  tabStore.remove("held");
  shown.value = { kind: "paid", id };
}

function showUnfinished(): void {
  const id = orderOfCheckout(query.get("orderId") ?? payingCheckout())?.id ?? null;
  const code = query.get("code");
  const isCancelled = code === "PAY_PROCESS_CANCELED" || code === "USER_CANCEL";
  shown.value = {
    kind: "refused",
    title: t(isCancelled ? "pay.cancelled" : "pay.declined"),
    text: paymentFailure(code),
    id,
    // Anybody can write a message into a link; it is shown only when this browser did set out to pay,
    // and as what the provider says.
    said: id !== null && !isCancelled ? query.get("message") : null,
  };
}

async function pollCheckout(checkout: string, id: string | null): Promise<void> {
  shown.value = { kind: "asking", id, isLong: false };
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    await pause(POLL_EVERY_MS);
    try {
      const headers = id === null ? {} : secretHeaders(id);
      const { status, orders } = await take(maybeMember.GET("/checkouts/{checkout_id}", { params: { path: { checkout_id: checkout } }, headers }));
      if (status === "pending" || status === "confirming") continue;
      if (status === "expired" || status === "cancelled") {
        shown.value = { kind: "refused", title: t("pay.declined"), text: t(`order.status.${status}`), id };
      } else showPaid(orders[0]?.id ?? id);
      return;
    } catch (error) {
      // A lost answer is asked for again; a refusal will not change, and who did not sign in is asked once.
      if (error instanceof ApiError && (error.isFinal || error.status === 401)) break;
    }
  }
  shown.value = { kind: "asking", id, isLong: true };
}

/** The confirmation's body from the address, or null when it is not one. */
function readReturn(): Confirmation | null {
  const key = query.get("paymentKey") ?? "";
  // What the provider calls the order is our checkout.
  const checkout = query.get("orderId") ?? "";
  const currency = orderOfCheckout(checkout)?.payment?.amount.currency ?? "KRW";
  const amount = parseAmount(query.get("amount") ?? "", currency);
  // 200 is the provider's limit, and the key must fit an Idempotency-Key.
  if (!/^[\x21-\x7e]{1,200}$/.test(key) || checkout === "" || amount === null) return null;
  return { checkout_id: checkout, payment_key: key, amount: { amount, currency } };
}

async function confirm(body: Confirmation): Promise<void> {
  const id = orderOfCheckout(body.checkout_id)?.id ?? null;
  const header = { "Idempotency-Key": `confirm-${body.payment_key}` };
  try {
    const { checkout, payment_state: state } = await take(anyone.POST("/payments/confirm", { params: { header }, body }));
    if (state === "confirming") await pollCheckout(body.checkout_id, id);
    else showPaid(checkout.orders[0]?.id ?? id);
  } catch (error) {
    const problem = error instanceof ApiError ? error : null;
    if (problem?.code === "payments.already_paid") showPaid(id);
    else if (problem?.code === "request.in_progress") await pollCheckout(body.checkout_id, id);
    else if (problem?.isFinal || problem?.code === "payments.too_many_attempts") {
      if (id !== null && problem.reason !== null) saveRefusal(id, problem.reason);
      shown.value = { kind: "refused", title: t("pay.declined"), text: errorText(error), id, advice: declineAdvice(problem.reason) };
    } else {
      // Not a refusal: the money may have moved, so asking again is the way.
      shown.value = { kind: "unclear", id, text: errorText(error), again: body };
    }
  }
}

function OrderLink({ id, isQuiet = false }: { id: string | null; isQuiet?: boolean }) {
  if (id === null) return null;
  return (
    <a class={isQuiet ? "button quiet" : "button"} href={orderAddress(id)}>
      {t("pay.see_order")}
    </a>
  );
}

function Result({ title, role, sign, isBad = false, children }: { title: string; role?: "alert" | "status"; sign?: string; isBad?: boolean; children: ComponentChildren }) {
  return (
    <section class="state" role={role}>
      {sign && (
        <span class={isBad ? "state-mark is-bad" : "state-mark"} aria-hidden="true">
          {sign}
        </span>
      )}
      <h1>{title}</h1>
      {children}
    </section>
  );
}

function Refused({ title, text, id, said, advice }: Extract<Shown, { kind: "refused" }>) {
  const problem = useSignal("");
  const order = id === null ? null : savedOrder(id);
  const isHeld = order?.expires_at && Date.parse(order.expires_at) > serverNow();
  return (
    <Result title={title} role="alert" sign="!" isBad>
      <p>{text}</p>
      {advice && <p class="advice">{advice}</p>}
      {said && <p class="note">{t("pay.provider_says", { message: said })}</p>}
      <div class="actions">
        {/* While its stock is held, the same order can be paid. */}
        {order?.payment && isHeld ? (
          <PayButton payment={order.payment} contact={order.contact} problem={problem}>
            {t("pay.again")}
          </PayButton>
        ) : (
          <a class="button" href="/">
            {t("back_home")}
          </a>
        )}
        <OrderLink id={id} isQuiet />
      </div>
      <Problem text={problem.value} />
    </Result>
  );
}

function PayReturn() {
  const now = shown.value;
  switch (now.kind) {
    case "checking":
      return (
        <Result title={t("pay.checking")} role="status">
          <p class="busy-dots" aria-hidden="true">
            <span />
            <span />
            <span />
          </p>
        </Result>
      );
    case "paid":
      return (
        <Result title={t("pay.paid")} role="status" sign="✓">
          <p>{t("pay.paid_text")}</p>
          <div class="actions">
            <OrderLink id={now.id} />
          </div>
        </Result>
      );
    case "refused":
      return <Refused {...now} />;
    case "asking":
      return (
        <Result title={t("pay.asking")} role="status">
          <p>{t(now.isLong ? "pay.asking_long" : "pay.asking_text")}</p>
          <div class="actions">
            <OrderLink id={now.id} isQuiet />
          </div>
        </Result>
      );
    case "unclear":
      return (
        <Result title={t("pay.asking")} role="alert">
          <p>{now.text}</p>
          <div class="actions">
            <BusyButton onTap={() => confirm(now.again)}>{t("retry")}</BusyButton>
            <OrderLink id={now.id} isQuiet />
          </div>
        </Result>
      );
    case "broken":
      return (
        <State title={t("pay.broken")} text={t("pay.broken_text")}>
          <a class="button" href="/order.html">
            {t("nav.orders")}
          </a>
        </State>
      );
  }
}

void startPage(PayReturn, {
  ko: () => import("texts:ko:common,order,payment"),
  en: () => import("texts:en:common,order,payment"),
}).then(() => {
  const body = readReturn();
  if (query.has("code")) showUnfinished();
  else if (body) return confirm(body);
  else shown.value = { kind: "broken" };
});
