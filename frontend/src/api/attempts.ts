// Idempotency keys. The same attempt keeps its key until it is over, also after a reload, so that an
// order whose answer was lost is found again rather than placed twice.

import { tabStore } from "../lib/storage";
import { ApiError } from "./problem";

/** A new random key; 128 bits, so two attempts never share one. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Attempt {
  key: string;
  text: string;
}

function keyOf(name: string, body: unknown): string {
  const text = JSON.stringify(body);
  const known = tabStore.get<Attempt>(`attempt.${name}`);
  // The API refuses an old key with another body.
  if (known?.text === text) return known.key;
  const key = newKey();
  tabStore.set(`attempt.${name}`, { key, text } satisfies Attempt);
  return key;
}

/** The attempt is over; the next one gets a new key. */
export function finishAttempt(name: string): void {
  tabStore.remove(`attempt.${name}`);
}

/**
 * Sends `body` with the key of the attempt `name`. A refusal of what was asked is final for its key, so
 * that the next try asks anew; while an answer may still come, the key stays.
 */
export async function attempt<B, T>(name: string, body: B, send: (key: string, body: B) => Promise<T>): Promise<T> {
  try {
    return await send(keyOf(name, body), body);
  } catch (error) {
    if (error instanceof ApiError && error.isFinal) finishAttempt(name);
    throw error;
  }
}

/** Keys that this page alone remembers, for bodies that have no place in storage, such as a password. */
export function keysOfPage(): (body: unknown) => string {
  const keys = new Map<string, string>();
  return (body) => {
    const text = JSON.stringify(body);
    const key = keys.get(text) ?? newKey();
    keys.set(text, key);
    return key;
  };
}
