// Parts that show an order's lines and totals, at checkout and afterwards.

import { locale, t } from "./i18n.js";
import { formatMoney } from "./money.js";
import { h, noPicture, picture } from "./ui.js";

/** Lines as the API gives them in an order. */
export function orderLines(lines) {
  return h("ul", { class: "lines" }, lines.map((line) => h("li", { class: "line" },
    line.picture ? picture(line.picture, { size: 64 }) : noPicture(line.title),
    h("div", {},
      h("a", { class: "line-title", href: `/listing.html?id=${encodeURIComponent(line.listing_id)}` }, line.title),
      line.option_values.length > 0 ? h("p", { class: "note" }, line.option_values.join(" / ")) : null,
      h("p", {}, `${formatMoney(line.total, locale())} · ${t("order.quantity", { count: line.quantity })}`)))));
}

/** Rows of [name, text]; the last one stands out when `whole` is true. */
export function totals(rows, whole = true) {
  return h("dl", { class: "totals" }, rows.map(([name, text], index) => {
    const strong = whole && index === rows.length - 1 ? "whole" : null;
    return [h("dt", { class: strong }, name), h("dd", { class: strong }, text)];
  }));
}

/** The three amounts of an order. */
export function orderTotals({ subtotal, shipping_fee: fee, total }) {
  return totals([
    [t("checkout.subtotal"), formatMoney(subtotal, locale())],
    [t("checkout.shipping_fee"), fee.amount === 0 ? t("checkout.free") : formatMoney(fee, locale())],
    [t("order.total"), formatMoney(total, locale())],
  ]);
}
