// What went wrong beyond a form, told beside what was tapped.

import type { Signal } from "@preact/signals";

import { errorText } from "./texts";

/** Tells it; nothing is seen while there is nothing to tell. */
export function Problem({ id, text }: { id?: string; text: string }) {
  return (
    <p id={id} class="form-error" role="alert" hidden={text === ""}>
      {text}
    </p>
  );
}

/** Does the work, and tells in `problem` what went wrong with it, in place of what went wrong before. */
export async function tellProblem(problem: Signal<string>, work: () => Promise<unknown>): Promise<void> {
  problem.value = "";
  try {
    await work();
  } catch (error) {
    problem.value = errorText(error);
  }
}
