// One listing: its pictures, the choice of a variant, and "buy now".

import "../layout.js";
import { ApiError, get } from "../api.js";
import { locale, t } from "../i18n.js";
import { formatMoney, timesQuantity } from "../money.js";
import { agoText, byId, h, noPicture, picture, showLoadError, showState } from "../ui.js";
import { findVariant, initialChoice, valueState } from "../variants.js";

const MOST_QUANTITY = 99;
const FEW_LEFT = 5;

const main = byId("main");
const id = new URLSearchParams(location.search).get("id") ?? "";

function gallery(listing) {
  if (listing.pictures.length === 0) {
    return h("div", { class: "gallery" }, h("div", { class: "gallery-strip" },
      h("div", { class: "gallery-item" }, noPicture(listing.title))));
  }
  const count = listing.pictures.length;
  const items = listing.pictures.map(({ small, medium, large }, index) => h("li", { class: "gallery-item" },
    picture(medium, {
      alt: `${listing.title}, ${t("listing.picture_n", { number: index + 1, count })}`,
      size: 960,
      eager: index === 0,
      srcset: `${small} 320w, ${medium} 960w, ${large} 1600w`,
      sizes: "(min-width: 60rem) 34rem, 100vw",
    })));
  const strip = h("ul", { class: "gallery-strip", tabindex: "0", "aria-label": t("listing.pictures") }, items);
  if (count === 1) return h("div", { class: "gallery" }, strip);
  const show = (index) => strip.scrollTo({ left: items[index].offsetLeft - strip.offsetLeft, behavior: "smooth" });
  const thumbs = listing.pictures.map(({ small }, index) => h("li", {},
    h("button", {
      type: "button",
      class: "thumb",
      "aria-label": t("listing.picture_n", { number: index + 1, count }),
      "aria-current": String(index === 0),
      on: { click: () => show(index) },
    }, picture(small, { size: 72 }))));
  strip.addEventListener("scroll", () => {
    const shown = Math.round(strip.scrollLeft / strip.clientWidth);
    thumbs.forEach((thumb, index) => thumb.firstChild.setAttribute("aria-current", String(index === shown)));
  }, { passive: true });
  return h("div", { class: "gallery" }, strip, h("ul", { class: "thumbs" }, thumbs));
}

/** The choice of a variant and a quantity, and the button that buys them. */
class Purchase {
  constructor(listing) {
    this.listing = listing;
    this.chosen = initialChoice(listing.options);
    this.price = h("p", { class: "price", "aria-live": "polite" });
    this.state = h("p", { class: "availability", "aria-live": "polite" });
    this.quantity = h("input", {
      id: "quantity", type: "number", inputmode: "numeric", min: "1", max: String(MOST_QUANTITY), value: "1",
      on: { change: () => this.setQuantity(Number(this.quantity.value)) },
    });
    this.buy = h("button", { class: "button large", type: "submit" }, t("listing.buy"));
    this.element = h("form", { class: "purchase", novalidate: true, on: { submit: (event) => this.submit(event) } },
      listing.options.map((option, index) => this.option(option, index)),
      h("div", { class: "quantity" },
        h("label", { for: "quantity" }, t("listing.quantity")),
        h("div", { class: "stepper" },
          this.step("−", t("listing.less"), -1), this.quantity, this.step("+", t("listing.more"), 1))),
      this.state,
      h("div", { class: "buy-bar" }, this.price, this.buy));
    this.show();
  }

  step(sign, label, by) {
    return h("button", { type: "button", "aria-label": label, on: { click: () => this.setQuantity(Number(this.quantity.value) + by) } }, sign);
  }

  option({ name, values }, index) {
    return h("fieldset", { class: "choice" },
      h("legend", {}, name),
      h("div", { class: "choice-values" }, values.map((value) => h("label", { class: "pill" },
        h("input", {
          type: "radio", name: `option-${index}`, value, checked: this.chosen[index] === value,
          on: { change: () => { this.chosen[index] = value; this.show(); } },
        }),
        h("span", {}, value, h("span", { class: "pill-note" }))))));
  }

  variant() {
    return findVariant(this.listing.variants, this.chosen);
  }

  setQuantity(wanted) {
    const most = Math.min(MOST_QUANTITY, Math.max(1, this.variant()?.available ?? MOST_QUANTITY));
    this.quantity.value = String(Math.min(most, Math.max(1, Math.trunc(wanted) || 1)));
    this.show();
  }

  availability() {
    const missing = this.chosen.indexOf(null);
    if (this.listing.status === "sold_out") return t("listing.sold_out");
    if (missing >= 0) return t("listing.choose", { option: this.listing.options[missing].name });
    const variant = this.variant();
    if (variant === null) return t("listing.combination_missing");
    if (variant.available <= 0) return t(this.listing.options.length > 0 ? "listing.combination_sold_out" : "listing.sold_out");
    return variant.available <= FEW_LEFT ? t("listing.left", { count: variant.available }) : t("listing.in_stock");
  }

  show() {
    this.showValues();
    const variant = this.variant();
    const canBuy = variant !== null && variant.available > 0;
    if (canBuy && Number(this.quantity.value) > variant.available) this.quantity.value = String(variant.available);
    const quantity = Number(this.quantity.value);
    this.price.textContent = variant
      ? formatMoney(timesQuantity(variant.price, quantity), locale())
      : t("price.from", { price: formatMoney(this.listing.price_from, locale()) });
    this.state.textContent = this.availability();
    this.state.classList.toggle("is-out", !canBuy && !this.chosen.includes(null));
    this.state.classList.toggle("is-open", this.chosen.includes(null));
    this.buy.setAttribute("aria-disabled", String(!canBuy));
  }

  showValues() {
    const { options, variants } = this.listing;
    this.element.querySelectorAll(".choice").forEach((fieldset, index) => {
      fieldset.querySelectorAll(".pill").forEach((pill, position) => {
        const state = valueState(variants, this.chosen, index, options[index].values[position]);
        pill.classList.toggle("is-out", state !== "available");
        pill.querySelector(".pill-note").textContent = state === "available" ? "" : ` (${t(`listing.value_${state}`)})`;
      });
    });
  }

  submit(event) {
    event.preventDefault();
    const variant = this.variant();
    if (variant === null || variant.available <= 0) {
      const open = this.chosen.indexOf(null);
      this.element.querySelector(open >= 0 ? `[name="option-${open}"]` : "input")?.focus();
      return;
    }
    const query = new URLSearchParams({ listing: this.listing.id, variant: variant.id, quantity: this.quantity.value });
    location.assign(`/checkout.html?${query}`);
  }
}

function showListing(listing) {
  document.title = `${listing.title} · ${t("brand")}`;
  main.replaceChildren(h("article", { class: "listing" },
    gallery(listing),
    h("div", { class: "listing-facts" },
      h("h1", {}, listing.title),
      h("p", { class: "note" }, `${t("listing.seller", { nickname: listing.seller.nickname })} · ${agoText(listing.created_at)}`),
      new Purchase(listing).element),
    h("section", { class: "listing-description" },
      h("h2", {}, t("listing.description")),
      h("p", { class: "prose" }, listing.description))));
}

async function start() {
  try {
    if (id === "") throw new ApiError({ status: 404, detail: "" });
    showListing(await get(`/listings/${encodeURIComponent(id)}`));
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
      showState(main, {
        title: t("listing.gone"),
        text: t("404.text"),
        actions: [h("a", { class: "button", href: "/" }, t("back_home"))],
      });
    } else showLoadError(main, error, start);
  }
}

start();
