// Home: categories as chips, the newest listings, more of them by cursor.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { anyone, take } from "../api/client";
import type { components } from "../api/schema";
import { endlessList } from "../kit/endless-list";
import { Chips, MoreButton } from "../kit/endless-view";
import { ListingCard, ListingSkeletons } from "../kit/listing-card";
import { LoadError, State } from "../kit/texts";
import { language } from "../lib/language";
import { t } from "../texts/texts";
import { startPage } from "./start";

const EAGER_CARDS = 2;

const categories = signal<components["schemas"]["ShownCategory"][]>([]);
const list = endlessList({
  parameter: "category",
  fetchPage: (query, category) => take(anyone.GET("/listings", { params: { query: { ...query, ...(category && { category_id: category }) } } })),
});

/** The listings are what matters; without chips they are all shown. */
async function loadCategories(): Promise<void> {
  categories.value = await take(anyone.GET("/categories")).then(
    ({ items }) => items,
    () => [],
  );
}

function Grid() {
  const whole = (state: ComponentChildren) => <li class="grid-whole">{state}</li>;
  const [failure, listings] = [list.failure.value, list.items.value];
  if (failure !== null) return whole(<LoadError error={failure} again={list.showFirst} home={false} />);
  if (listings === null) return <ListingSkeletons />;
  if (listings.length === 0) {
    return whole(
      <State title={t("home.empty")} text={t("home.empty_text")}>
        <a class="button" href="/sell.html">
          {t("home.empty_action")}
        </a>
      </State>,
    );
  }
  return listings.map((listing, index) => <ListingCard key={listing.id} listing={listing} eager={index < EAGER_CARDS} />);
}

function Home() {
  const grid = useRef<HTMLUListElement>(null);
  useEffect(() => {
    void list.showFirst();
    void loadCategories();
  }, []);
  const nameOf = ({ name, name_ko: korean }: components["schemas"]["ShownCategory"]) => (language() === "ko" ? korean : name);
  return (
    <>
      <div class="home-head">
        <h1>{t("home.title")}</h1>
        <p class="lead">{t("home.lead")}</p>
      </div>
      <Chips list={list} label={t("home.categories")} choices={[[null, t("home.all")], ...categories.value.map((each) => [each.id, nameOf(each)] as const)]} />
      <h2 class="visually-hidden" id="listings-title">
        {t("home.listings")}
      </h2>
      <ul id="grid" class="grid" ref={grid} aria-labelledby="listings-title" aria-busy={list.items.value === null && list.failure.value === null ? "true" : undefined}>
        <Grid />
      </ul>
      <MoreButton list={list} place={grid} doneText={(count) => t("home.more_done", { count })}>
        {t("home.more")}
      </MoreButton>
    </>
  );
}

void startPage(Home, {
  ko: () => import("texts:ko:common,home"),
  en: () => import("texts:en:common,home"),
});
