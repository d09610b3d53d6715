// Says for a moment that something is done, with a way to undo it.

import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../texts/texts";
import { BusyButton } from "./busy-button";

const SHOWN_MS = 8000;

interface Toast {
  key: number;
  text: string;
  undo?: () => Promise<unknown>;
}

const toasts = signal<Toast[]>([]);
let nextKey = 0;
let isMounted = false;

function drop(key: number): void {
  toasts.value = toasts.value.filter((toast) => toast.key !== key);
}

function ToastView({ toast: { key, text, undo } }: { toast: Toast }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const wait = () => {
    timer.current = setTimeout(() => drop(key), SHOWN_MS);
  };
  // It stays while somebody is at it.
  const hold = () => clearTimeout(timer.current);
  useEffect(() => {
    wait();
    return hold;
  }, []);
  const takeBack = async () => {
    hold();
    await undo?.();
    drop(key);
  };
  return (
    <div class="toast" onPointerEnter={hold} onPointerLeave={wait} onFocusIn={hold} onFocusOut={wait}>
      <span>{text}</span>
      {undo && (
        <BusyButton class="button quiet small" onTap={takeBack}>
          {t("undo")}
        </BusyButton>
      )}
    </div>
  );
}

function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map((toast) => (
        <ToastView key={toast.key} toast={toast} />
      ))}
    </div>
  );
}

/** Says it. `undo` takes it back, and says itself what is wrong when it cannot. */
export function toast(text: string, undo?: () => Promise<unknown>): void {
  if (!isMounted) {
    const place = document.createElement("div");
    document.body.append(place);
    render(<Toasts />, place);
    isMounted = true;
  }
  toasts.value = [...toasts.value, { key: nextKey++, text, undo }];
}
