// What delivery costs, told before an order is placed. The API tells the fee only of an order that stands,
// so the rule is repeated here; a test compares it with the server's (shared/domain/src/checkout/price.rs).

import type { Money } from "../lib/money";

export interface DeliveryRule {
  fee: Money;
  freeFrom: Money;
}

const RULES: Record<string, [fee: number, freeFrom: number]> = { KRW: [3_000, 50_000], USD: [1_000, 10_000] };

/** The rule for a currency, or null where none is known: then the order itself tells. */
export function deliveryRule(currency: string): DeliveryRule | null {
  const amounts = RULES[currency];
  if (amounts === undefined) return null;
  const [fee, freeFrom] = amounts.map((amount) => ({ amount, currency })) as [Money, Money];
  return { fee, freeFrom };
}

/** The fee of an order of one store with this subtotal. */
export function deliveryFee({ fee, freeFrom }: DeliveryRule, subtotal: Money): Money {
  return subtotal.amount >= freeFrom.amount ? { ...fee, amount: 0 } : fee;
}
