// What to tell a person about an error, and states of a whole page.

import type { ComponentChildren } from "preact";

import { ShownError } from "../api/problem";
import { t } from "../texts/texts";

/** What to tell a person about any error. */
export function errorText(error: unknown): string {
  if (error instanceof ShownError) return error.message;
  console.error(error);
  return t("error.unexpected");
}

interface StateProps {
  title: string;
  text?: string;
  role?: "alert";
  children?: ComponentChildren;
}

/** A state in place of content: a heading, a text and what one can do next. */
export function State({ title, text, role, children }: StateProps) {
  return (
    <section class="state" role={role}>
      <h1>{title}</h1>
      {text && <p>{text}</p>}
      {children && <div class="actions">{children}</div>}
    </section>
  );
}

/** What could not be loaded, with a button to try again. */
export function LoadError({ error, again, home = true }: { error: unknown; again: () => void; home?: boolean }) {
  return (
    <State title={errorText(error)} role="alert">
      <button class="button" type="button" onClick={again}>
        {t("retry")}
      </button>
      {home && (
        <a class="button quiet" href="/">
          {t("back_home")}
        </a>
      )}
    </State>
  );
}
