// What the parts of the account's page share.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import type { components } from "../api/schema";
import { Problem } from "../kit/problem";
import { t } from "../texts/texts";
import type { TextKey } from "../texts/keys";

export type Profile = components["schemas"]["Profile"];

/** The person whose account it is, once it is known. */
export const profile = signal<Profile | null>(null);

/** What went well, told where everybody looks. */
export const news = signal("");

export function tell(text: string): void {
  news.value = text;
  if (text !== "") requestAnimationFrame(() => document.getElementById("news")?.scrollIntoView({ block: "center" }));
}

/** Puts the cursor where something came in place of what had it. */
export function focusOn(selector: string): void {
  requestAnimationFrame(() => {
    const element = document.querySelector<HTMLElement>(selector);
    if (element && !element.matches("a, button, input, select, textarea")) element.tabIndex = -1;
    element?.focus();
  });
}

interface PartProps {
  id: string;
  title: TextKey;
  problem: string;
  children: ComponentChildren;
}

/** A section with a heading, and what went wrong in it. */
export function Part({ id, title, problem, children }: PartProps) {
  return (
    <section class="sheet form" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t(title)}</h2>
      <Problem id={`${id}-error`} text={problem} />
      {children}
    </section>
  );
}
