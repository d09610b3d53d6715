// Whether this site runs on the local cloud, which has a mailbox page. Asked
// once per tab; the real site has no such address and answers 404.

import { tabStore } from "./storage.js";

/** True only where GET /_local/info answers 200 with JSON. */
export async function hasLocalCloud() {
  const known = tabStore.get("local_cloud");
  if (known !== null) return known;
  let found = false;
  try {
    const response = await fetch("/_local/info", { signal: AbortSignal.timeout(3000) });
    found = response.status === 200 && /json/.test(response.headers.get("Content-Type") ?? "");
  } catch {
    return false;
  }
  tabStore.set("local_cloud", found);
  return found;
}
