// Home: categories as chips, the newest listings, more of them by cursor.

import "../layout.js";
import { get } from "../api.js";
import { language, locale, t } from "../i18n.js";
import { formatMoney } from "../money.js";
import { agoText, byId, errorText, h, noPicture, picture, say, showState, whileBusy } from "../ui.js";

const PAGE_SIZE = 12;
const EAGER_CARDS = 2;

const grid = byId("grid");
const more = byId("more");
const message = byId("message");
const chips = byId("chips");
let cursor = null;
// Grows with every change of category, so that a late answer is dropped.
let generation = 0;

function chosenCategory() {
  return new URLSearchParams(location.search).get("category");
}

function card(listing, index) {
  const least = formatMoney(listing.price_from, locale());
  const price = listing.prices_differ ? t("price.from", { price: least }) : least;
  return h("li", {},
    h("a", { class: "card", href: `/listing.html?id=${encodeURIComponent(listing.id)}` },
      h("span", { class: "card-picture" }, listing.picture
        ? picture(listing.picture, { size: 320, eager: index < EAGER_CARDS })
        : noPicture(listing.title)),
      h("span", { class: "card-title" }, listing.title),
      h("span", { class: "card-price" }, price),
      h("span", { class: "card-note" }, `${listing.seller_nickname} · ${agoText(listing.created_at)}`)));
}

function skeleton() {
  return Array.from({ length: 6 }, () => h("li", { class: "card skeleton", "aria-hidden": "true" },
    h("span", { class: "card-picture" }), h("span", { class: "card-title" }, " "),
    h("span", { class: "card-price" }, " "), h("span", { class: "card-note" }, " ")));
}

async function fetchPage() {
  const query = new URLSearchParams({ limit: PAGE_SIZE });
  if (chosenCategory()) query.set("category_id", chosenCategory());
  if (cursor) query.set("cursor", cursor);
  return get(`/listings?${query}`);
}

function showEmpty() {
  const place = h("li", { class: "grid-whole" });
  showState(place, {
    title: t("home.empty"),
    text: t("home.empty_text"),
    actions: [h("a", { class: "button", href: "/sell.html" }, t("home.empty_action"))],
  });
  grid.replaceChildren(place);
}

async function showFirstPage() {
  generation += 1;
  const mine = generation;
  cursor = null;
  more.hidden = true;
  say(message, "");
  grid.replaceChildren(...skeleton());
  grid.setAttribute("aria-busy", "true");
  try {
    const page = await fetchPage();
    if (mine !== generation) return;
    cursor = page.next_cursor;
    if (page.items.length === 0) showEmpty();
    else grid.replaceChildren(...page.items.map(card));
    more.hidden = cursor === null;
  } catch (error) {
    if (mine !== generation) return;
    const place = h("li", { class: "grid-whole" });
    showState(place, {
      title: errorText(error),
      role: "alert",
      actions: [h("button", { class: "button", type: "button", on: { click: showFirstPage } }, t("retry"))],
    });
    grid.replaceChildren(place);
  } finally {
    if (mine === generation) grid.removeAttribute("aria-busy");
  }
}

function showMore() {
  return whileBusy(more, async () => {
    const mine = generation;
    try {
      const page = await fetchPage();
      if (mine !== generation) return;
      cursor = page.next_cursor;
      const cards = page.items.map((listing) => card(listing, EAGER_CARDS));
      grid.append(...cards);
      more.hidden = cursor === null;
      say(message, t("home.more_done", { count: cards.length }));
      cards[0]?.querySelector("a").focus({ preventScroll: true });
    } catch (error) {
      say(message, errorText(error));
    }
  });
}

function chip(id, name) {
  const address = id === null ? "/" : `/?category=${encodeURIComponent(id)}`;
  const choose = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", address);
    markChip();
    showFirstPage();
  };
  return h("li", {}, h("a", { class: "chip", href: address, dataset: { category: id ?? "" }, on: { click: choose } }, name));
}

function markChip() {
  for (const link of chips.querySelectorAll("a")) {
    if (link.dataset.category === (chosenCategory() ?? "")) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function showCategories() {
  chips.replaceChildren(chip(null, t("home.all")));
  markChip();
  try {
    const { items } = await get("/categories");
    chips.append(...items.map(({ id, name, name_ko: korean }) => chip(id, language() === "ko" ? korean : name)));
    markChip();
  } catch {
    // The listings are what matters; without chips they are all shown.
  }
}

more.addEventListener("click", showMore);
addEventListener("popstate", () => {
  markChip();
  showFirstPage();
});
showFirstPage();
showCategories();
