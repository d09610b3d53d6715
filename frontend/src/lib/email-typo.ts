// Guesses at a mistyped domain of an e-mail address: "mina@gmial.com" is likely "mina@gmail.com". Only a
// question follows from it, since any domain may exist.

/** Where most people here have their mail. */
const KNOWN = ["gmail.com", "naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "hotmail.com", "outlook.com", "icloud.com", "yahoo.com"];
/** Other providers whose domains look like a typo of one of those. */
const REAL = ["mail.com", "email.com", "ymail.com", "cloud.com"];
/** These are also there under the endings of many countries. */
const MANY_ENDINGS = ["hotmail", "outlook", "yahoo"];

/** How many letters were added, left out, changed, or swapped with the next one. */
function distance(from: string, to: string): number {
  const rows = Array.from({ length: from.length + 1 }, (_, i) => Array.from({ length: to.length + 1 }, (_, j) => (i === 0 ? j : i)));
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= from.length; i += 1) {
    for (let j = 1; j <= to.length; j += 1) {
      const change = at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swap = isSwap ? at(i - 2, j - 2) + 1 : Infinity;
      (rows[i] ?? [])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, change, swap);
    }
  }
  return at(from.length, to.length);
}

const nameOf = (domain: string) => domain.split(".")[0] ?? "";

/** How many typos lie between a domain and the known one. A wrong ending is one typo. */
function typos(domain: string, known: string): number {
  if (nameOf(domain) !== nameOf(known)) return distance(domain, known);
  if (!MANY_ENDINGS.includes(nameOf(known))) return 1;
  const isCountrys = /\.[a-z]{2}$/.test(domain);
  return isCountrys ? Infinity : distance(domain, known);
}

/** The address that was likely meant, or null when nothing speaks against the one that was typed. */
export function likelyEmail(typed: string): string | null {
  const [, person, written] = /^(.+@)([^@\s]+\.[^@\s]+)$/.exec(typed.trim()) ?? [];
  const domain = written?.toLowerCase();
  if (domain === undefined || KNOWN.includes(domain) || REAL.includes(domain)) return null;
  // A short domain has room for one typo, a longer one for two.
  const near = KNOWN.filter((known) => typos(domain, known) <= (known.length > 8 ? 2 : 1));
  const [nearest] = near.sort((one, other) => typos(domain, one) - typos(domain, other));
  return nearest === undefined ? null : `${person}${nearest}`;
}
