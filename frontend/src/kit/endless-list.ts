// A list that is longer than a page, the newest first and more by cursor. What is chosen of it stands in the
// address, and a person who comes back to it finds their place.

import { type ReadonlySignal, signal } from "@preact/signals";

const PAGE_SIZE = 12;
/** As in the API. */
const MOST_PER_PAGE = 100;

export interface PageQuery {
  limit: number;
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** What the entry of the browser's history remembers of the list. */
interface Place {
  shown: number;
  scrolled: number;
}

export interface EndlessList<T> {
  chosen: ReadonlySignal<string | null>;
  /** Null while they are on their way. */
  items: ReadonlySignal<T[] | null>;
  hasMore: ReadonlySignal<boolean>;
  failure: ReadonlySignal<unknown>;
  showFirst: () => Promise<void>;
  /** Shows more, and gives how many. */
  showMore: () => Promise<number>;
  choose: (choice: string | null) => void;
  /** The address of the list with a choice. */
  addressOf: (choice: string | null) => string;
  /** Shows a thing as it is now. */
  replace: (item: T) => void;
}

interface Options<T> {
  /** The name of the choice in the address. */
  parameter: string;
  /** What can be chosen; everything where it is not told. */
  choices?: readonly string[];
  fetchPage: (query: PageQuery, chosen: string | null) => Promise<Page<T>>;
}

export function endlessList<T extends { id: string }>({ parameter, choices, fetchPage }: Options<T>): EndlessList<T> {
  const inAddress = () => {
    const choice = new URLSearchParams(location.search).get(parameter);
    return choice !== null && (choices === undefined || choices.includes(choice)) ? choice : null;
  };
  const chosen = signal(inAddress());
  const items = signal<T[] | null>(null);
  const cursor = signal<string | null>(null);
  const hasMore = signal(false);
  const failure = signal<unknown>(null);
  /** Grows with every change of the choice, so that a late answer is dropped. */
  let generation = 0;

  /** The next page that has something on it: one of a choice may be empty while more follow. */
  async function fetchNext(limit: number): Promise<T[] | null> {
    const mine = generation;
    for (;;) {
      const page = await fetchPage({ limit, ...(cursor.value && { cursor: cursor.value }) }, chosen.value);
      if (mine !== generation) return null;
      cursor.value = page.next_cursor ?? null;
      hasMore.value = cursor.value !== null;
      if (page.items.length > 0 || !hasMore.value) return page.items;
    }
  }

  async function showFirst(): Promise<void> {
    const mine = ++generation;
    [items.value, cursor.value, hasMore.value, failure.value] = [null, null, false, null];
    const place = (history.state as { place?: Place } | null)?.place;
    try {
      const first = await fetchNext(Math.min(MOST_PER_PAGE, Math.max(PAGE_SIZE, place?.shown ?? 0)));
      items.value = first ?? items.value;
      if (place && first) requestAnimationFrame(() => scrollTo({ top: place.scrolled, behavior: "instant" }));
    } catch (error) {
      if (mine === generation) failure.value = error;
    }
  }

  async function showMore(): Promise<number> {
    const next = (await fetchNext(PAGE_SIZE)) ?? [];
    // What came in since the first page moves the others: a thing is shown once.
    const shown = new Set(items.value?.map(({ id }) => id));
    const fresh = next.filter(({ id }) => !shown.has(id));
    items.value = [...(items.value ?? []), ...fresh];
    return fresh.length;
  }

  function addressOf(choice: string | null): string {
    const query = new URLSearchParams(location.search);
    if (choice === null) query.delete(parameter);
    else query.set(parameter, choice);
    return location.pathname + (query.size > 0 ? `?${query}` : "");
  }

  function keepPlace(): void {
    if (items.value !== null) history.replaceState({ ...history.state, place: { shown: items.value.length, scrolled: scrollY } satisfies Place }, "");
  }

  function choose(choice: string | null): void {
    keepPlace();
    history.pushState(null, "", addressOf(choice));
    chosen.value = choice;
    void showFirst();
  }

  // The list comes later than the browser would scroll.
  history.scrollRestoration = "manual";
  // The tap that leads away; while a page is left, its history can no longer be written.
  addEventListener("click", keepPlace, { capture: true });
  addEventListener("popstate", () => {
    chosen.value = inAddress();
    void showFirst();
  });

  const replace = (item: T) => {
    items.value = items.value?.map((other) => (other.id === item.id ? item : other)) ?? null;
  };

  return { chosen, items, hasMore, failure, showFirst, showMore, choose, addressOf, replace };
}
