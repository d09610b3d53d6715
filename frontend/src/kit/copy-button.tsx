// Copies a text, and says so for a moment.

import { useSignal } from "@preact/signals";

import { pause } from "../lib/time";
import type { TextKey } from "../texts/keys";
import { t } from "../texts/texts";

const SHOWN_MS = 2000;

export function CopyButton({ text, label }: { text: string; label: TextKey }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The browser does not allow it; the text is there to be selected.
      return;
    }
    isCopied.value = true;
    await pause(SHOWN_MS);
    isCopied.value = false;
  };
  return (
    <button class="button quiet small" type="button" onClick={copy}>
      <span aria-live="polite">{t(isCopied.value ? "copied" : label)}</span>
    </button>
  );
}
