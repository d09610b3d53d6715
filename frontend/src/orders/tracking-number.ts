/** Whether the API takes it for a carrier's number, which it reads without spaces and hyphens. */
export function isTrackingNumber(typed: string): boolean {
  return /^[A-Za-z0-9]{5,40}$/.test(typed.normalize("NFKC").replace(/[\s\p{Pd}]/gu, ""));
}
