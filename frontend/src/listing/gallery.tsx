// The pictures of a listing: a strip to swipe, and small ones to choose from.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import type { components } from "../api/schema";
import { NoPicture, Picture } from "../kit/picture";
import { t } from "../texts/texts";

type Listing = components["schemas"]["Listing"];

export function Gallery({ listing }: { listing: Listing }) {
  const strip = useRef<HTMLUListElement>(null);
  const shown = useSignal(0);
  const count = listing.pictures.length;
  if (count === 0) {
    return (
      <div class="gallery">
        <div class="gallery-strip">
          <div class="gallery-item">
            <NoPicture title={listing.title} />
          </div>
        </div>
      </div>
    );
  }
  const show = (index: number) => {
    const element = strip.current;
    const item = element?.children[index];
    if (element && item instanceof HTMLElement) element.scrollTo({ left: item.offsetLeft - element.offsetLeft, behavior: "smooth" });
  };
  const look = () => {
    if (strip.current) shown.value = Math.round(strip.current.scrollLeft / strip.current.clientWidth);
  };
  return (
    <div class="gallery">
      <ul class="gallery-strip" tabIndex={0} aria-label={t("listing.pictures")} ref={strip} onScroll={look}>
        {listing.pictures.map(({ small, medium, large }, index) => (
          <li key={medium} class="gallery-item">
            <Picture
              src={medium}
              alt={`${listing.title}, ${t("listing.picture_n", { number: index + 1, count })}`}
              size={960}
              eager={index === 0}
              srcset={`${small} 320w, ${medium} 960w, ${large} 1600w`}
              sizes="(min-width: 60rem) 34rem, 100vw"
            />
          </li>
        ))}
      </ul>
      {count > 1 && (
        <ul class="thumbs">
          {listing.pictures.map(({ small }, index) => (
            <li key={small}>
              <button
                type="button"
                class="thumb"
                aria-label={t("listing.picture_n", { number: index + 1, count })}
                aria-current={index === shown.value ? "true" : "false"}
                onClick={() => show(index)}
              >
                <Picture src={small} size={72} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
