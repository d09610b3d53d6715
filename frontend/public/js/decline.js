// What a buyer can do about a payment that was refused.

import { hasText, t } from "./i18n.js";

/** Advice by the `reason` of a payments.declined; null when there is none, as of every other error. */
export function declineAdvice(reason) {
  if (reason === null) return null;
  const key = `pay.advice.${reason}`;
  // The API may learn reasons that this page does not know yet.
  return hasText(key) ? t(key) : t("pay.advice.other");
}
