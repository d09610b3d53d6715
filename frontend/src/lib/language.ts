// The language in use. public/boot.js has set it on <html lang> before the first paint.

export type Language = "ko" | "en";

export function language(): Language {
  return globalThis.document?.documentElement.lang === "en" ? "en" : "ko";
}

/** The locale for numbers and dates. */
export function locale(): string {
  return language() === "en" ? "en-US" : "ko-KR";
}

/** Remembers a language and shows the page again in it. */
export function chooseLanguage(next: Language): void {
  try {
    localStorage.setItem("jangteo.language", next);
  } catch {
    // Without storage the choice lasts for this page only, which a reload ends.
  }
  location.reload();
}
