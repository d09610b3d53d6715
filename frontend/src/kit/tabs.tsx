// Tabs: one of several parts is shown. Arrow keys move between them (WAI-ARIA Authoring Practices, Tabs).

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

interface Tab {
  id: string;
  name: string;
  content: () => ComponentChildren;
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly [Tab, ...Tab[]] }) {
  const chosen = useSignal(tabs[0].id);
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex(({ id }) => id === chosen.value);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length] ?? tabs[0];
    chosen.value = next.id;
    list.current?.querySelector<HTMLElement>(`#${next.id}-tab`)?.focus();
  };
  const shown = tabs.find(({ id }) => id === chosen.value) ?? tabs[0];
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} class="views" ref={list} onKeyDown={move}>
        {tabs.map(({ id, name }) => (
          <button
            key={id}
            id={`${id}-tab`}
            type="button"
            role="tab"
            aria-selected={id === shown.id}
            aria-controls={id === shown.id ? `${id}-panel` : undefined}
            tabIndex={id === shown.id ? 0 : -1}
            onClick={() => (chosen.value = id)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${shown.id}-panel`} aria-labelledby={`${shown.id}-tab`} tabIndex={0}>
        {shown.content()}
      </div>
    </div>
  );
}
