// Errors whose message is written for the person at the screen.

import type { components } from "./schema";

export type FieldProblem = NonNullable<components["schemas"]["Problem"]["errors"]>[number];

/** An error to be shown as it is; `errors` names wrong fields, as in the API. */
export class ShownError extends Error {
  constructor(
    message: string,
    readonly errors: readonly FieldProblem[] = [],
  ) {
    super(message);
  }
}

const FINAL = [400, 402, 403, 404, 409, 410, 422];

/** A refusal of the API, or its silence (`status` 0, `code` "network"). */
export class ApiError extends ShownError {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    errors: readonly FieldProblem[] = [],
    /** What a code tells besides, such as why a card was declined. */
    readonly reason: string | null = null,
  ) {
    super(detail, errors);
  }

  /** Whether what was asked is refused for good; otherwise the same key may still get an answer. */
  get isFinal(): boolean {
    return FINAL.includes(this.status) && this.code !== "request.in_progress";
  }
}
