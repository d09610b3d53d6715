// One listing: its pictures, the choice of a variant, and "buy now".

import { signal } from "@preact/signals";

import { anyone, take } from "../api/client";
import { ApiError } from "../api/problem";
import type { components } from "../api/schema";
import { LoadError, State } from "../kit/texts";
import { agoText } from "../lib/time";
import { Gallery } from "../listing/gallery";
import { Purchase } from "../listing/purchase";
import { t } from "../texts/texts";
import { startPage } from "./start";

const listing = signal<components["schemas"]["Listing"] | null>(null);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  const id = new URLSearchParams(location.search).get("id") ?? "";
  failure.value = null;
  try {
    if (id === "") throw new ApiError(404, "catalog.listing_not_found", "");
    listing.value = await take(anyone.GET("/listings/{listing_id}", { params: { path: { listing_id: id } } }));
    document.title = `${listing.value.title} · ${t("brand")}`;
  } catch (error) {
    failure.value = error;
  }
}

function ListingPage() {
  const [shown, error] = [listing.value, failure.value];
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <State title={t("listing.gone")} text={t("listing.gone_text")}>
        <a class="button" href="/">
          {t("back_home")}
        </a>
      </State>
    );
  }
  if (error !== null) return <LoadError error={error} again={load} />;
  if (shown === null) return <p class="loading">{t("loading")}</p>;
  return (
    <article class="listing">
      <Gallery listing={shown} />
      <div class="listing-facts">
        <h1>{shown.title}</h1>
        <p class="note">{`${t("listing.seller", { nickname: shown.seller.nickname })} · ${agoText(shown.created_at) ?? t("just_now")}`}</p>
        <Purchase listing={shown} />
      </div>
      <section class="listing-description">
        <h2>{t("listing.description")}</h2>
        <p class="prose">{shown.description}</p>
      </section>
    </article>
  );
}

void load();
void startPage(ListingPage, {
  ko: () => import("texts:ko:common,listing"),
  en: () => import("texts:en:common,listing"),
});
