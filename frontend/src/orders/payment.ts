// Opens the payment window: the simulator's page when the server names one (only the local cloud does),
// otherwise the window of Toss Payments by its own script (SDK v2: docs.tosspayments.com/sdk/v2/js).

import { ShownError } from "../api/problem";
import type { components } from "../api/schema";
import { decimalText } from "../lib/money";
import { isWebAddress } from "../lib/paths";
import { leaveTo } from "../session/provider-logins";
import { setPaying } from "../session/saved-orders";
import { hasText, t } from "../texts/texts";

const SDK = "https://js.tosspayments.com/v2/standard";

type PaymentStart = components["schemas"]["PaymentStart"];

interface TossSdk {
  (clientKey: string): { payment(options: { customerKey: string }): { requestPayment(request: object): Promise<unknown> } };
  ANONYMOUS: string;
}

/** The payment window could not be opened, or the buyer closed it. */
export class PaymentError extends ShownError {}

let loading: Promise<TossSdk> | null = null;

function loadSdk(): Promise<TossSdk> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SDK;
    script.addEventListener("load", () => resolve((globalThis as unknown as { TossPayments: TossSdk }).TossPayments));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new PaymentError(t("pay.sdk_failed")));
    });
    document.head.append(script);
  });
  return loading;
}

/**
 * Goes to the payment window. On success the browser leaves this page; what the buyer does there comes
 * back to pay-return.html. Throws PaymentError.
 */
export async function openPayment(payment: PaymentStart, contact?: { name: string; email: string }): Promise<void> {
  setPaying(payment.order_id);
  if (payment.window_url) {
    if (!isWebAddress(payment.window_url, location.href)) throw new PaymentError(t("pay.bad_window"));
    await leaveTo(payment.window_url);
  }
  const toss = await loadSdk();
  try {
    await toss(payment.client_key)
      .payment({ customerKey: payment.customer_key ?? toss.ANONYMOUS })
      .requestPayment({
        method: "CARD",
        // Toss takes major units: whole won, or dollars with cents.
        amount: { currency: payment.amount.currency, value: Number(decimalText(payment.amount)) },
        orderId: payment.order_id,
        orderName: payment.order_name,
        successUrl: payment.success_url,
        failUrl: payment.fail_url,
        customerEmail: contact?.email,
        customerName: contact?.name,
      });
  } catch (error) {
    // The SDK rejects with a code when the window is closed on a desktop.
    throw new PaymentError(paymentFailure((error as { code?: string } | null)?.code ?? null));
  }
}

/** What a failure code of the payment window means, in our own words. */
export function paymentFailure(code: string | null): string {
  if (code === "PAY_PROCESS_CANCELED" || code === "USER_CANCEL") return t("pay.cancelled_text");
  if (code === "REJECT_CARD_COMPANY") return t("pay.rejected_text");
  return t("pay.failed_text");
}

/** What a buyer can do, by the `reason` of a payments.declined; null when there is none, as of every other error. */
export function declineAdvice(reason: string | null): string | null {
  if (reason === null) return null;
  const key = `pay.advice.${reason}`;
  // The API may learn reasons that this page does not know yet.
  return t(hasText(key) ? key : "pay.advice.other");
}
