// How a list that is longer than a page looks: what can be chosen of it, and a button for more.

import { useSignal } from "@preact/signals";
import type { ComponentChildren, RefObject } from "preact";

import { BusyButton } from "./busy-button";
import type { EndlessList } from "./endless-list";
import { errorText } from "./texts";

interface ChipsProps<T> {
  list: EndlessList<T>;
  label: string;
  /** What can be chosen, and what it is called; null is everything. */
  choices: readonly (readonly [choice: string | null, name: string])[];
}

export function Chips<T>({ list, label, choices }: ChipsProps<T>) {
  const tap = (choice: string | null) => (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    list.choose(choice);
  };
  return (
    <nav aria-label={label}>
      <ul class="chips">
        {choices.map(([choice, name]) => (
          <li key={choice}>
            <a class="chip" href={list.addressOf(choice)} aria-current={list.chosen.value === choice ? "true" : undefined} onClick={tap(choice)}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface MoreProps<T> {
  list: EndlessList<T>;
  /** What holds the things that are shown, so that the focus goes to the first of the new ones. */
  place: RefObject<HTMLElement | null>;
  /** Tells how many more are shown. */
  doneText: (count: number) => string;
  /** The name of the button. */
  children: ComponentChildren;
}

export function MoreButton<T>({ list, place, doneText, children }: MoreProps<T>) {
  const message = useSignal("");
  const showMore = async () => {
    const shown = list.items.value?.length ?? 0;
    try {
      message.value = doneText(await list.showMore());
      requestAnimationFrame(() => place.current?.children[shown]?.querySelector("a")?.focus({ preventScroll: true }));
    } catch (error) {
      message.value = errorText(error);
    }
  };
  return (
    <>
      <p id="message" class="message" role="status" hidden={message.value === ""}>
        {message}
      </p>
      {list.hasMore.value && list.items.value !== null && (
        <div class="center">
          <BusyButton class="button quiet" onTap={showMore}>
            {children}
          </BusyButton>
        </div>
      )}
    </>
  );
}
