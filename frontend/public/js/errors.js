// Errors whose message is written for the person at the screen.

/** An error to be shown as it is; `errors` names wrong fields, as in the API. */
export class ShownError extends Error {
  constructor(message, errors = []) {
    super(message);
    this.errors = errors;
  }
}
