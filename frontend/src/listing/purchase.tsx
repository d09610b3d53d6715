// The choice of a variant and a quantity, and the button that buys them.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import type { components } from "../api/schema";
import { Stepper } from "../kit/stepper";
import { moneyText, timesQuantity } from "../lib/money";
import { deliveryRule } from "../orders/delivery";
import { t } from "../texts/texts";
import { type Choice, findVariant, initialChoice, valueState } from "./variants";

type Listing = components["schemas"]["Listing"];

const MOST_QUANTITY = 99;
const FEW_LEFT = 5;

function availabilityText(listing: Listing, chosen: Choice, available: number | null): string {
  const missing = listing.options[chosen.indexOf(null)];
  if (listing.status === "sold_out") return t("listing.sold_out");
  if (missing) return t("listing.choose", { option: missing.name });
  if (available === null) return t("listing.combination_missing");
  if (available <= 0) return t(listing.options.length > 0 ? "listing.combination_sold_out" : "listing.sold_out");
  return available <= FEW_LEFT ? t("listing.left", { count: available }) : t("listing.in_stock");
}

export function Purchase({ listing }: { listing: Listing }) {
  const form = useRef<HTMLFormElement>(null);
  const chosen = useSignal<Choice>(initialChoice(listing.options));
  const wanted = useSignal(1);
  /** Whether somebody tried to buy before everything was chosen: then what is missing stands out. */
  const hasTried = useSignal(false);

  const variant = findVariant(listing.variants, chosen.value);
  const canBuy = variant !== null && variant.available > 0;
  const isOpen = chosen.value.includes(null);
  const most = Math.min(MOST_QUANTITY, canBuy ? variant.available : MOST_QUANTITY);
  const quantity = Math.min(wanted.value, most);
  const rule = deliveryRule(listing.price_from.currency);

  const submit = (event: Event) => {
    event.preventDefault();
    if (canBuy) {
      const query = new URLSearchParams({ listing: listing.id, variant: variant.id, quantity: String(quantity) });
      location.assign(`/checkout.html?${query}`);
      return;
    }
    hasTried.value = true;
    const open = Math.max(0, chosen.value.indexOf(null));
    const choice = form.current?.querySelectorAll(".choice")[open];
    choice?.scrollIntoView({ block: "center", behavior: "smooth" });
    choice?.querySelector("input")?.focus({ preventScroll: true });
  };

  return (
    <form class="purchase" method="post" noValidate ref={form} onSubmit={submit}>
      {listing.options.map((option, index) => {
        const isMissing = hasTried.value && chosen.value[index] === null;
        return (
          <fieldset key={option.name} class="choice" aria-invalid={isMissing ? "true" : undefined}>
            <legend>{option.name}</legend>
            <div class="choice-values">
              {option.values.map((value) => {
                const state = valueState(listing.variants, chosen.value, index, value);
                return (
                  <label key={value} class={state === "available" ? "pill" : "pill is-out"}>
                    <input
                      type="radio"
                      name={`option-${index}`}
                      value={value}
                      checked={chosen.value[index] === value}
                      onChange={() => (chosen.value = chosen.value.map((other, at) => (at === index ? value : other)))}
                    />
                    <span>
                      {value}
                      <span class="pill-note">{state === "available" ? "" : ` (${t(state === "missing" ? "listing.value_missing" : "listing.value_sold_out")})`}</span>
                    </span>
                  </label>
                );
              })}
            </div>
            {isMissing && <p class="field-error">{t("listing.choose", { option: option.name })}</p>}
          </fieldset>
        );
      })}
      <div class="quantity">
        <label for="quantity">{t("listing.quantity")}</label>
        <Stepper id="quantity" value={quantity} most={most} onChange={(next) => (wanted.value = next)} />
      </div>
      <p class={`availability ${isOpen ? "is-open" : canBuy ? "" : "is-out"}`} aria-live="polite">
        {availabilityText(listing, chosen.value, variant?.available ?? null)}
      </p>
      {rule && (
        <p class="note">{t("listing.delivery", { fee: moneyText(rule.fee), least: moneyText(rule.freeFrom) })}</p>
      )}
      <div class="buy-bar">
        <p class="price" aria-live="polite">
          {variant ? moneyText(timesQuantity(variant.price, quantity)) : t("price.from", { price: moneyText(listing.price_from) })}
        </p>
        <button class="button large" type="submit" aria-disabled={canBuy || isOpen ? undefined : "true"}>
          {t("listing.buy")}
        </button>
      </div>
    </form>
  );
}
