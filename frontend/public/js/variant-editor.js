// The options of a listing being written, and the table of the variants that
// are their combinations. What was typed for a combination is kept while the
// options change around it.

import { t } from "./i18n.js";
import { parseAmount } from "./money.js";
import { h, markField, say } from "./ui.js";
import { combinationKey, combinations, MOST_OPTIONS, MOST_VALUES, MOST_VARIANTS, splitValues } from "./variants.js";

const CURRENCY = "KRW";
const MOST_STOCK = 1_000_000;

/** Reads and shows the options and variants of the form. `written` is that of a draft. */
export class VariantEditor {
  constructor({ form, list, add, rows, message, fillAll, written = { options: [], typed: [] } }) {
    Object.assign(this, { form, list, addButton: add, rows, message, options: written.options, typed: new Map(written.typed) });
    this.fillAllButton = fillAll;
    add.addEventListener("click", () => this.add());
    fillAll.addEventListener("click", () => this.fillAll());
    this.showOptions();
    this.showVariants();
  }

  /** What a draft keeps. */
  get written() {
    return { options: this.options, typed: [...this.typed] };
  }

  add() {
    this.options.push({ name: "", text: "" });
    this.showOptions();
    this.list.lastElementChild.querySelector("input").focus();
  }

  remove(index) {
    this.options.splice(index, 1);
    this.showOptions();
    this.showVariants();
    this.list.dispatchEvent(new Event("input", { bubbles: true }));
    this.addButton.focus();
  }

  input(index, part, label, example) {
    const id = `option-${index}-${part}`;
    const change = (event) => {
      this.options[index][part] = event.target.value;
      this.showVariants();
    };
    return h("div", { class: "field" },
      h("label", { for: id }, label),
      h("input", {
        id, name: `options.${index}.${part === "text" ? "values" : "name"}`, value: this.options[index][part],
        placeholder: example, autocomplete: "off", maxlength: part === "name" ? "20" : "1000", on: { input: change },
      }));
  }

  showOptions() {
    this.list.replaceChildren(...this.options.map((option, index) => h("li", { class: "option", role: "group", "aria-label": t("sell.option_n", { number: index + 1 }) },
      this.input(index, "name", t("sell.option_name"), t("sell.option_name_example")),
      this.input(index, "text", t("sell.option_values"), t("sell.option_values_example")),
      h("div", { class: "actions" }, h("button", { class: "button quiet", type: "button", on: { click: () => this.remove(index) } },
        t("sell.option_remove", { number: index + 1 }))))));
    this.addButton.hidden = this.options.length >= MOST_OPTIONS;
  }

  /** The options as the API takes them. */
  readOptions() {
    return this.options.map(({ name, text }) => ({ name: name.trim(), values: splitValues(text) }));
  }

  showVariants() {
    // An option still without values does not empty the table.
    const made = combinations(this.readOptions().filter((option) => option.values.length > 0));
    const tooMany = made.length > MOST_VARIANTS;
    say(this.message, tooMany ? t("sell.too_many_variants", { count: made.length }) : "");
    this.rows.replaceChildren(...made.slice(0, MOST_VARIANTS).map((values, index) => this.row(values, index)));
    this.fillAllButton.hidden = made.length < 2;
  }

  row(values, index) {
    const name = values.length > 0 ? values.join(" / ") : t("sell.variant_single");
    const key = combinationKey(values);
    const known = this.typed.get(key) ?? { price: "", stock: "" };
    this.typed.set(key, known);
    const cell = (part, label) => h("td", {}, h("div", { class: "field" }, h("input", {
      name: `variants.${index}.${part}`, value: known[part], inputmode: "numeric", autocomplete: "off",
      "aria-label": label, maxlength: "15", on: { input: (event) => { known[part] = event.target.value; } },
    })));
    return h("tr", {}, h("th", { scope: "row" }, name),
      cell("price", t("sell.price_of", { variant: name })),
      cell("stock", t("sell.stock_of", { variant: name })));
  }

  fillAll() {
    const [price, stock] = this.rows.rows[0].querySelectorAll("input");
    for (const input of this.rows.querySelectorAll("input")) {
      input.value = (input.name.endsWith("price") ? price : stock).value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  /** Options and variants for the API; marks what is wrong and gives null. */
  read() {
    const options = this.readOptions();
    let wrong = false;
    const complain = (name, text) => {
      wrong = true;
      markField(this.form, name, text);
    };
    options.forEach(({ name, values }, index) => {
      if (name === "") complain(`options.${index}.name`, t("sell.option_incomplete"));
      if (values.length === 0 || values.length > MOST_VALUES) complain(`options.${index}.values`, t("sell.option_incomplete"));
    });
    if (wrong) return null;
    const made = combinations(options);
    if (made.length > MOST_VARIANTS) return null;
    const variants = made.map((values, index) => {
      const typed = this.typed.get(combinationKey(values));
      const price = parseAmount(typed.price, CURRENCY);
      const stock = parseAmount(typed.stock, CURRENCY);
      if (price === null) complain(`variants.${index}.price`, t("sell.price_wrong"));
      if (stock === null || stock > MOST_STOCK) complain(`variants.${index}.stock`, t("sell.stock_wrong"));
      return { option_values: values, price: { amount: price, currency: CURRENCY }, stock };
    });
    return wrong ? null : { options, variants };
  }
}
