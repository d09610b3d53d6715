// A dialog. Closing it waits for what was sent: it may have been done, and a person who closed meanwhile
// would not learn it. The focus goes back to where it was.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  /** The id of its heading. */
  titleId: string;
  /** Whether it comes up from the lower edge of a phone, such as for filters. */
  isSheet?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** Runs `then` unless something in the element is being sent. */
export function unlessBusy(element: Element | null, then: () => void): void {
  if (element?.querySelector("[type=submit][aria-busy=true]") == null) then();
}

export function Dialog({ titleId, isSheet = false, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    // A second Esc in a row closes it without asking.
    const reopen = () => element?.isConnected && element.showModal();
    element?.addEventListener("close", reopen);
    return () => {
      element?.removeEventListener("close", reopen);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const cancel = (event: Event) => {
    event.preventDefault();
    unlessBusy(dialog.current, onClose);
  };
  return (
    <dialog class={isSheet ? "dialog sheet-dialog" : "dialog"} aria-labelledby={titleId} ref={dialog} onCancel={cancel}>
      {children}
    </dialog>
  );
}
