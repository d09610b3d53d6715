// Home: categories as chips, the newest listings, more of them by cursor.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { anyone, take } from "../api/client";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { ListingCard, ListingSkeletons } from "../kit/listing-card";
import { LoadError, State, errorText } from "../kit/texts";
import { language } from "../lib/language";
import { t } from "../texts/texts";
import { startPage } from "./start";

type Card = components["schemas"]["ListingCard"];
type Category = components["schemas"]["ShownCategory"];

const PAGE_SIZE = 12;
const EAGER_CARDS = 2;

const chosen = signal(chosenInAddress());
const categories = signal<Category[]>([]);
const cards = signal<Card[] | null>(null);
const cursor = signal<string | null>(null);
const failure = signal<unknown>(null);
const message = signal("");
/** Grows with every change of category, so that a late answer is dropped. */
let generation = 0;

function chosenInAddress(): string | null {
  return new URLSearchParams(location.search).get("category");
}

function fetchPage() {
  const query = { limit: PAGE_SIZE, ...(chosen.value && { category_id: chosen.value }), ...(cursor.value && { cursor: cursor.value }) };
  return take(anyone.GET("/listings", { params: { query } }));
}

async function showFirstPage(): Promise<void> {
  const mine = ++generation;
  [cards.value, cursor.value, failure.value, message.value] = [null, null, null, ""];
  try {
    const page = await fetchPage();
    if (mine === generation) [cards.value, cursor.value] = [page.items, page.next_cursor ?? null];
  } catch (error) {
    if (mine === generation) failure.value = error;
  }
}

function choose(category: string | null, address: string): void {
  history.pushState(null, "", address);
  chosen.value = category;
  void showFirstPage();
}

function Chip({ id, name }: { id: string | null; name: string }) {
  const address = id === null ? "/" : `/?category=${encodeURIComponent(id)}`;
  const tap = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(id, address);
  };
  return (
    <li>
      <a class="chip" href={address} data-category={id ?? ""} aria-current={chosen.value === id ? "true" : undefined} onClick={tap}>
        {name}
      </a>
    </li>
  );
}

function Grid() {
  const whole = (state: preact.ComponentChildren) => <li class="grid-whole">{state}</li>;
  if (failure.value !== null) return whole(<LoadError error={failure.value} again={showFirstPage} home={false} />);
  if (cards.value === null) return <ListingSkeletons />;
  if (cards.value.length === 0) {
    return whole(
      <State title={t("home.empty")} text={t("home.empty_text")}>
        <a class="button" href="/sell.html">
          {t("home.empty_action")}
        </a>
      </State>,
    );
  }
  return cards.value.map((listing, index) => <ListingCard key={listing.id} listing={listing} eager={index < EAGER_CARDS} />);
}

function Home() {
  const grid = useRef<HTMLUListElement>(null);
  useEffect(() => {
    void showFirstPage();
    // The listings are what matters; without chips they are all shown.
    take(anyone.GET("/categories")).then(
      ({ items }) => (categories.value = items),
      () => null,
    );
    const back = () => {
      chosen.value = chosenInAddress();
      void showFirstPage();
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const showMore = async () => {
    const mine = generation;
    const shown = cards.value?.length ?? 0;
    try {
      const page = await fetchPage();
      if (mine !== generation) return;
      cards.value = [...(cards.value ?? []), ...page.items];
      cursor.value = page.next_cursor ?? null;
      message.value = t("home.more_done", { count: page.items.length });
      requestAnimationFrame(() => grid.current?.children[shown]?.querySelector("a")?.focus({ preventScroll: true }));
    } catch (error) {
      message.value = errorText(error);
    }
  };

  return (
    <>
      <div class="home-head">
        <h1>{t("home.title")}</h1>
        <p class="lead">{t("home.lead")}</p>
      </div>
      <nav aria-label={t("home.categories")}>
        <ul id="chips" class="chips">
          <Chip id={null} name={t("home.all")} />
          {categories.value.map(({ id, name, name_ko: korean }) => (
            <Chip key={id} id={id} name={language() === "ko" ? korean : name} />
          ))}
        </ul>
      </nav>
      <h2 class="visually-hidden" id="listings-title">
        {t("home.listings")}
      </h2>
      <ul id="grid" class="grid" ref={grid} aria-labelledby="listings-title" aria-busy={cards.value === null && failure.value === null ? "true" : undefined}>
        <Grid />
      </ul>
      <p id="message" class="message" role="status" hidden={message.value === ""}>
        {message.value}
      </p>
      <div class="center">
        {cursor.value !== null && (
          <BusyButton class="button quiet" onTap={showMore}>
            {t("home.more")}
          </BusyButton>
        )}
      </div>
    </>
  );
}

void startPage(Home, {
  ko: () => import("texts:ko:common,home"),
  en: () => import("texts:en:common,home"),
});
