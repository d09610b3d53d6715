// Opens the payment window: the simulator's page when the server names one
// (only the local cloud does), otherwise the window of Toss Payments by its
// own script (SDK v2: docs.tosspayments.com/sdk/v2/js).

import { ShownError } from "./errors.js";
import { t } from "./i18n.js";
import { decimalText } from "./money.js";
import { setPaying } from "./orders.js";
import { isWebAddress } from "./paths.js";
import { leaveTo } from "./ui.js";

const SDK = "https://js.tosspayments.com/v2/standard";

let loading = null;

function loadSdk() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SDK;
    script.addEventListener("load", () => resolve(globalThis.TossPayments));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new PaymentError(t("pay.sdk_failed")));
    });
    document.head.append(script);
  });
  return loading;
}

/** The payment window could not be opened, or the buyer closed it. */
export class PaymentError extends ShownError {}

/**
 * Goes to the payment window. On success the browser leaves this page; what
 * the buyer does there comes back to pay-return.html. Throws PaymentError.
 */
export async function openPayment(payment, contact) {
  setPaying(payment.order_id);
  if (payment.window_url) {
    if (!isWebAddress(payment.window_url, location.href)) throw new PaymentError(t("pay.bad_window"));
    await leaveTo(payment.window_url);
  }
  const TossPayments = await loadSdk();
  const customerKey = payment.customer_key ?? TossPayments.ANONYMOUS;
  try {
    await TossPayments(payment.client_key).payment({ customerKey }).requestPayment({
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
    throw new PaymentError(paymentFailure(error?.code));
  }
}

/** What a failure code of the payment window means, in our own words. */
export function paymentFailure(code) {
  if (code === "PAY_PROCESS_CANCELED" || code === "USER_CANCEL") return t("pay.cancelled_text");
  if (code === "REJECT_CARD_COMPANY") return t("pay.rejected_text");
  return t("pay.failed_text");
}
