// Whether this site runs on the local cloud, which has a mailbox page. Asked once per tab; the real site has
// no such address and answers 404.

import { tabStore } from "./storage";

const TIME_LIMIT_MS = 3000;

/** True only where GET /_local/info answers 200 with JSON. */
export async function hasLocalCloud(): Promise<boolean> {
  const known = tabStore.get<boolean>("local_cloud");
  if (known !== null) return known;
  try {
    const response = await fetch("/_local/info", { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    const found = response.status === 200 && /json/.test(response.headers.get("Content-Type") ?? "");
    tabStore.set("local_cloud", found);
    return found;
  } catch {
    return false;
  }
}
