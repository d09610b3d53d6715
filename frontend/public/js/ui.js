// Small helpers to build and drive the page. All text goes in as text nodes,
// never as markup, so whatever a person wrote stays text.

import { serverNow } from "./api.js";
import { ShownError } from "./errors.js";
import { locale, t } from "./i18n.js";
import { sortErrors } from "./pointers.js";

/**
 * Builds an element: `h("a", { class: "chip", href }, "text", child)`.
 * Properties: `class`, `dataset`, `on` (listeners by event), anything else is
 * an attribute; false and null are left out. Children may be nested arrays.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The element with this id; the page's own files promise that it is there. */
export function byId(id) {
  return document.getElementById(id);
}

/** A picture that keeps its place while it loads. */
export function picture(source, { alt = "", size, eager = false, srcset, sizes } = {}) {
  return h("img", {
    src: source,
    srcset,
    sizes,
    alt,
    width: size,
    height: size,
    loading: eager ? "eager" : "lazy",
    decoding: "async",
  });
}

/** The stand-in for a missing picture: a cloth with the first letter. */
export function noPicture(title) {
  return h("span", { class: "no-picture", "aria-hidden": "true" }, [...String(title).trim()][0] ?? "·");
}

/** What to tell a person about any error. */
export function errorText(error) {
  if (error instanceof ShownError) return error.message;
  console.error(error);
  return t("error.unexpected");
}

/** Puts a message into a live region; an empty text clears it. */
export function say(region, text) {
  region.textContent = text;
  region.hidden = text === "";
}

/** A whole-page state: a heading, a text and what one can do next. */
export function showState(container, { title, text, actions = [], role = null }) {
  container.replaceChildren(h("section", { class: "state", role },
    h("h1", {}, title),
    text ? h("p", {}, text) : null,
    actions.length > 0 ? h("div", { class: "actions" }, actions) : null,
  ));
}

/** A page that could not be loaded, with a button to try again. */
export function showLoadError(container, error, again) {
  showState(container, {
    title: errorText(error),
    role: "alert",
    actions: [
      h("button", { class: "button", type: "button", on: { click: again } }, t("retry")),
      h("a", { class: "button quiet", href: "/" }, t("back_home")),
    ],
  });
}

/**
 * Runs `work` while a button shows that it is busy. A second tap while it runs
 * does nothing. The button keeps its focus (so it is not disabled).
 */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

/** Runs `work` at each tap, with the button busy; what goes wrong is told in `region`. */
export function onTap(button, region, work) {
  button.addEventListener("click", () => whileBusy(button, async () => {
    try {
      await work();
    } catch (error) {
      say(region, errorText(error));
    }
  }));
}

function fieldNames(form) {
  return [...new Set([...form.elements].map((element) => element.name).filter(Boolean))]
    .concat([...form.querySelectorAll("[data-field]")].map((element) => element.dataset.field));
}

function fieldElement(form, name) {
  return form.querySelector(`[data-field="${CSS.escape(name)}"]`) ?? form.elements.namedItem(name);
}

function clearMark(element) {
  element.removeAttribute("aria-invalid");
  const described = (element.getAttribute("aria-describedby") ?? "").split(" ");
  const kept = described.filter((id) => id && !id.startsWith("error-"));
  if (kept.length > 0) element.setAttribute("aria-describedby", kept.join(" "));
  else element.removeAttribute("aria-describedby");
  for (const id of described) if (id.startsWith("error-")) byId(id)?.remove();
}

/** Takes the marks of earlier errors away. */
export function clearErrors(form) {
  for (const element of form.querySelectorAll("[aria-invalid]")) clearMark(element);
  const summary = form.querySelector(".form-error");
  if (summary) say(summary, "");
}

/** Marks one field as wrong and says why beside it. */
export function markField(form, name, text) {
  const element = fieldElement(form, name);
  const id = `error-${name.replace(/\W/g, "-")}`;
  element.setAttribute("aria-invalid", "true");
  element.setAttribute("aria-describedby", `${element.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
  (element.closest(".field") ?? element).append(h("p", { class: "field-error", id }, text));
}

/** Moves to an element, also to one that people do not come to by themselves, such as a heading. */
export function focusOn(element) {
  if (!element.matches("input, select, textarea, button, a")) element.setAttribute("tabindex", "-1");
  element.focus();
}

/** Moves to the first wrong field, or to the message of the form. */
export function focusFirstError(form) {
  const target = form.querySelector("[aria-invalid]") ?? form.querySelector(".form-error:not([hidden])");
  if (target) focusOn(target);
}

/** Shows an error in a form: its detail on top, and each field it names. */
export function showFormError(form, error) {
  const names = fieldNames(form);
  const { fields, rest } = sortErrors(error.errors, names);
  for (const [name, messages] of fields) markField(form, name, messages.join(" "));
  say(form.querySelector(".form-error"), [...new Set([errorText(error), ...rest])].join(" "));
  focusFirstError(form);
}

function complaint(element) {
  const { validity } = element;
  if (validity.valid) return null;
  if (validity.valueMissing) return t("error.field_required");
  if (validity.typeMismatch) return t("error.field_email");
  // Only codes have a pattern.
  if (validity.patternMismatch) return t("error.field_code");
  if (validity.tooShort) return t("error.field_short", { least: element.minLength });
  return t("error.field_length");
}

/** Checks the plain rules that the HTML states, and those that `check()` marks; true when all hold. */
function checkForm(form, check) {
  clearErrors(form);
  for (const element of form.elements) {
    if (!element.name || !element.willValidate) continue;
    const text = complaint(element);
    if (text !== null) markField(form, element.name, text);
  }
  check();
  if (!form.querySelector("[aria-invalid]")) return true;
  say(form.querySelector(".form-error"), t("error.check_fields"));
  focusFirstError(form);
  return false;
}

/**
 * Handles a form: checks it, runs `work` with the button busy, and shows what
 * goes wrong. The form must have `novalidate`, a `.form-error` and a button.
 * `check()` marks what is wrong beyond what the HTML states.
 */
export function onSubmit(form, work, check = () => null) {
  form.addEventListener("input", ({ target }) => {
    if (target.hasAttribute("aria-invalid")) clearMark(target);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    whileBusy(button, async () => {
      if (!checkForm(form, check)) return;
      try {
        await work(form);
      } catch (error) {
        showFormError(form, error);
      }
    });
  });
}

/**
 * Shows a form as a dialog; `closed()` runs when the person closes it. That
 * waits for what was sent: it may have been done, and whoever closed meanwhile
 * would not learn it. Gives what buttons that close run, and `end()`, which takes
 * the dialog away and leads the focus back to where it was.
 */
export function showDialog(form, titleId, closed) {
  const before = document.activeElement;
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": titleId }, form);
  const unlessBusy = (then) => {
    if (dialog.querySelector("[type=submit][aria-busy=true]") === null) then();
  };
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    unlessBusy(closed);
  });
  // A second Esc in a row closes it without asking.
  dialog.addEventListener("close", () => {
    if (dialog.isConnected) dialog.showModal();
  });
  document.body.append(dialog);
  dialog.showModal();
  const end = () => {
    dialog.remove();
    before?.focus();
  };
  return { end, unlessBusy };
}

/**
 * Goes to another page. Never resolves, so that the button that led here stays
 * busy until the page is gone (layout.js reloads a page that comes back).
 */
export function leaveTo(address) {
  location.assign(address);
  return new Promise(() => {});
}

/** "9:05" or "1:00:00" from milliseconds. */
export function clockText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * Counts down to a time by the server's clock: `tick(text)` now and every
 * second, `over()` once. Returns how to stop.
 */
export function countdown(until, tick, over) {
  const end = Date.parse(until);
  const step = () => {
    const left = end - serverNow();
    if (left > 0) tick(clockText(left));
    else {
      clearInterval(timer);
      over();
    }
  };
  const timer = setInterval(step, 1000);
  step();
  return () => clearInterval(timer);
}

/** A moment as people read it. */
export function dateText(time) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]];

/** How long ago, in words. */
export function agoText(time) {
  const past = serverNow() - Date.parse(time);
  const fitting = UNITS.find(([, length]) => past >= length);
  if (fitting === undefined) return t("just_now");
  const [unit, length] = fitting;
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.floor(past / length), unit);
}
