// What the pages share: the bar, building elements, asking for JSON.

const PAGES = [
  ["/_local/", "Local cloud", "name"],
  ["/_local/mailbox.html", "Mailbox"],
  ["/_local/requests.html", "Requests"],
  ["/_local/clock.html", "Clock"],
  ["/_local/faults.html", "Faults"],
  ["/_local/books.html", "Books"],
  ["/_local/logins.html", "Logins"],
  ["/docs", "API"],
  ["/", "Storefront"],
];

/** An element by its id. */
export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; texts are texts, never HTML. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/** A row of a table; each cell is [content, {attributes}] or just the content. */
export function row(...cells) {
  return make("tr", {}, cells.map((cell) => {
    const [content, attributes] = Array.isArray(cell) ? cell : [cell, {}];
    return make("td", attributes, content);
  }));
}

/** Fills an element, or says in it that there is nothing. */
export function fill(id, elements, nothing = "Nothing yet.") {
  const element = byId(id);
  const table = element.tagName === "TBODY";
  const empty = make("p", { class: "soft small" }, nothing);
  element.replaceChildren(...(elements.length > 0 ? elements : [table ? make("tr", {}, make("td", { colspan: 9 }, empty)) : empty]));
}

/** JSON of an address; `body` makes it a POST. Throws an Error with a text for people. */
export async function ask(address, body) {
  const request = body === undefined
    ? {}
    : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(address, request);
  } catch {
    throw new Error("The local cloud does not answer. Is it still running?");
  }
  if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A moment as people read it, in the time of this machine. */
export function moment(text, withDate = false) {
  const date = new Date(text);
  return withDate
    ? date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })
    : date.toLocaleTimeString("en-GB");
}

/** Dollars without the zeros at their end: "0.0000035". */
export function dollars(text) {
  const short = text.replace(/0+$/, "").replace(/\.$/, "");
  return `$${short === "" ? "0" : short}`;
}

/** An amount of money in minor units, as it is said. */
export function money(amount, currency) {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(Number(amount) / 10 ** digits);
}

/** Runs work, and shows in an element what went wrong. */
export async function showing(id, work) {
  const place = byId(id);
  try {
    await work();
    place?.classList.remove("bad");
  } catch (error) {
    if (!place) throw error;
    place.hidden = false;
    place.classList.remove("good");
    place.classList.add("bad");
    place.textContent = error.message;
  }
}

/** Runs work now and again and again, while the page is looked at. */
export function often(work, milliseconds) {
  const again = async () => {
    if (!document.hidden) await work();
    setTimeout(again, milliseconds);
  };
  again();
}

const here = location.pathname.replace(/^\/_local$/, "/_local/").replace(/index\.html$/, "");
byId("bar").replaceChildren(...PAGES.map(([address, text, name]) => {
  const current = here === address || (address === "/docs" && here.startsWith("/docs"));
  return make("a", { href: address, class: name ?? null, "aria-current": current ? "page" : null }, text);
}));
byId("bar").querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
