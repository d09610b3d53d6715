// A button that shows that its work is under way. A second tap meanwhile does nothing; the button keeps
// its focus, so it is not disabled.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

interface Props {
  id?: string;
  class?: string;
  hidden?: boolean;
  /** Whether there is nothing to tap for at the moment. */
  isDisabled?: boolean;
  /** At which provider it signs in, where it does. */
  "data-login"?: string;
  "data-action"?: string;
  "data-provider"?: string;
  onTap: () => Promise<unknown>;
  children: ComponentChildren;
}

export function BusyButton({ class: name = "button", hidden = false, isDisabled = false, onTap, children, ...rest }: Props) {
  const busy = useSignal(false);
  const tap = async () => {
    if (busy.value || isDisabled) return;
    busy.value = true;
    try {
      await onTap();
    } finally {
      busy.value = false;
    }
  };
  return (
    <button {...rest} class={name} type="button" hidden={hidden} aria-busy={busy.value || undefined} aria-disabled={busy.value || isDisabled || undefined} onClick={tap}>
      {children}
    </button>
  );
}
