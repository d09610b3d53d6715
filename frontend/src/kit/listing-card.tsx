// A listing in a list.

import type { components } from "../api/schema";
import { moneyText } from "../lib/money";
import { agoText } from "../lib/time";
import { t } from "../texts/texts";
import { NoPicture, Picture } from "./picture";

interface Props {
  listing: components["schemas"]["ListingCard"];
  /** Whether it is seen without scrolling. */
  eager: boolean;
}

export function ListingCard({ listing, eager }: Props) {
  const least = moneyText(listing.price_from);
  return (
    <li>
      <a class="card" href={`/listing.html?id=${encodeURIComponent(listing.id)}`}>
        <span class="card-picture">
          {listing.picture ? <Picture src={listing.picture} size={320} eager={eager} /> : <NoPicture title={listing.title} />}
        </span>
        <span class="card-title">{listing.title}</span>
        <span class="card-price">{listing.prices_differ ? t("price.from", { price: least }) : least}</span>
        <span class="card-note">{`${listing.seller_nickname} · ${agoText(listing.created_at) ?? t("just_now")}`}</span>
      </a>
    </li>
  );
}

/** The room that cards take while they load. */
export function ListingSkeletons({ count = 6 }: { count?: number }) {
  return Array.from({ length: count }, (_, index) => (
    <li key={index} class="card skeleton" aria-hidden="true">
      <span class="card-picture" />
      <span class="card-title">&nbsp;</span>
      <span class="card-price">&nbsp;</span>
      <span class="card-note">&nbsp;</span>
    </li>
  ));
}
