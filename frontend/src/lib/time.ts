// Moments as people read them, and the server's clock.

import { locale } from "./language";

/** How far the server's clock is from ours, in ms, by the Date of its answers. */
let clockOffset = 0;

/** Learns the server's time from an answer that comes from it and not from a cache. */
export function learnClock(response: Response): void {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(date) || response.headers.has("Age")) return;
  const offset = date - Date.now();
  // Date has whole seconds; a small difference is rounding or the way here.
  clockOffset = Math.abs(offset) > 3000 ? offset : 0;
}

/** The time by the server's clock, in ms. Countdowns use it. */
export function serverNow(): number {
  return Date.now() + clockOffset;
}

/** Waits so many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A moment as people read it. */
export function dateText(time: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]] as const;

/** How long ago, in words; null when it is less than a minute. */
export function agoText(time: string): string | null {
  const past = serverNow() - Date.parse(time);
  const fitting = UNITS.find(([, length]) => past >= length);
  if (fitting === undefined) return null;
  const [unit, length] = fitting;
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.floor(past / length), unit);
}

/** "9:05" or "1:00:00" from milliseconds. */
export function clockText(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
