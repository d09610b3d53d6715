// How a page begins: its texts in the language of the reader, the menu, and what is in <main>.

import { type ComponentType, render } from "preact";

import { onSignInNeeded, renew } from "../api/client";
import { chooseLanguage, language } from "../lib/language";
import { accessToken, mayRenew, onSignedOutElsewhere, shownUser, signInAddress } from "../session/session";
import type { TextKey } from "../texts/keys";
import { type Texts, t, setTexts } from "../texts/texts";

interface Bundle {
  default: Texts;
}

/** The texts of a page, by language; groups as in src/texts, the first of them `common`. */
export interface PageTexts {
  ko: () => Promise<Bundle>;
  en: () => Promise<Bundle>;
}

function Menu() {
  const other = language() === "ko" ? "en" : "ko";
  const here = (path: string) => (location.pathname === path ? "page" : undefined);
  const user = shownUser.value;
  // What a guest ordered is known to their device alone.
  const orders = user ? "/orders.html" : "/order.html";
  return (
    <>
      <a href="/sell.html" aria-current={here("/sell.html")}>
        {t("nav.sell")}
      </a>
      <a href={orders} aria-current={here(orders)}>
        {t("nav.orders")}
      </a>
      {user ? (
        <a class="who" href="/account.html" title={user.nickname} aria-current={here("/account.html")}>
          {t("nav.account")}
        </a>
      ) : (
        <a href={signInAddress()} aria-current={here("/sign-in.html")}>
          {t("nav.sign_in")}
        </a>
      )}
      <button type="button" class="language" lang={other} onClick={() => chooseLanguage(other)}>
        {t("nav.language")}
      </button>
    </>
  );
}

/** Puts the texts into what the HTML itself carries: the page's shell and its title. */
function translateShell(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-t]")) {
    const text = t(element.dataset.t as TextKey);
    if (element.tagName === "TITLE") document.title = text === t("brand") ? text : `${text} · ${t("brand")}`;
    else element.textContent = text;
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel as TextKey));
  }
  document.documentElement.classList.remove("i18n-wait");
}

/**
 * For pages that are nothing without an account: sends a person who is not signed in to do so and come
 * back. Resolves when they are, or when it cannot be asked at the moment: then the page's first call
 * asks again.
 */
export async function membersOnly(): Promise<void> {
  if (mayRenew()) await renew().catch(() => null);
  if (accessToken() !== null || mayRenew()) return;
  location.replace(signInAddress());
  await new Promise(() => {});
}

/** Begins the page: `Main` takes the place of what the HTML has in <main>. */
export async function startPage(Main: ComponentType, texts: PageTexts): Promise<void> {
  setTexts((await texts[language()]()).default);
  translateShell();
  const menu = document.getElementById("menu");
  const main = document.getElementById("main");
  if (menu) render(<Menu />, menu);
  if (main) {
    main.replaceChildren();
    render(<Main />, main);
  }
  // A new tab of a device that is signed in has no token yet. If it cannot get one now, the first call
  // that needs one asks again and says what is wrong.
  if (mayRenew()) renew().catch(() => null);
}

// Loaded when it is needed, with its texts.
onSignInNeeded(async (guestAllowed) => (await import("../session/sign-in-dialog")).askToSignIn(guestAllowed));

// The other tabs show what only the person who was signed in may see.
onSignedOutElsewhere(() => location.reload());

// A page that the browser kept alive comes back as it was left: with its buttons still busy, and perhaps
// with somebody else signed in.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
