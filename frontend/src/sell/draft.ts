// What is written of a listing and is not sent yet: a link of the menu, a reload, or the page in the other
// language loses nothing of it. It is the tab's, and goes with the person (see leaveDevice in session.ts).

import { effect, signal } from "@preact/signals";

import { tabStore } from "../lib/storage";

const DRAFT = "draft.listing";

/** A picture that is made, and where it is seen. */
export interface DraftPhoto {
  id: string;
  address: string;
}

export interface WrittenOption {
  name: string;
  /** Its values, with commas. */
  text: string;
}

/** What was typed for a variant. */
export interface WrittenVariant {
  price: string;
  stock: string;
}

export interface Draft {
  title: string;
  description: string;
  category: string;
  photos: DraftPhoto[];
  variants: {
    options: WrittenOption[];
    /** By the key of the combination: it is kept while the options change around it. */
    typed: [key: string, WrittenVariant][];
  };
}

const EMPTY: Draft = { title: "", description: "", category: "", photos: [], variants: { options: [], typed: [] } };

export const draft = signal<Draft>({ ...EMPTY, ...tabStore.get<Partial<Draft>>(DRAFT) });

let isKept = true;
effect(() => {
  const now = draft.value;
  if (isKept) tabStore.set(DRAFT, now);
});

export function write(change: Partial<Draft>): void {
  draft.value = { ...draft.value, ...change };
}

/** It is sent. */
export function forgetDraft(): void {
  isKept = false;
  tabStore.remove(DRAFT);
}
