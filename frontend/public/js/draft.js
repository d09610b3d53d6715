// What was written into a form and is not sent yet: a link of the menu, a
// reload, or the page in the other language loses nothing of it. It is the
// tab's, and goes with the person (see leaveDevice in session.js).

import { tabStore } from "./storage.js";

/** What was written before into the form of this name, or null. */
export function draft(name) {
  return tabStore.get(`draft.${name}`);
}

/** Keeps what `read()` gives at each input into the form. */
export function keepDraft(name, form, read) {
  form.addEventListener("input", () => tabStore.set(`draft.${name}`, read()));
}

/** What was written is done with. */
export function forgetDraft(name) {
  tabStore.remove(`draft.${name}`);
}
