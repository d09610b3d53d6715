// Where the browser may be sent. Both checks are for values that come from an address or an answer,
// and so may have been chosen by somebody else.

/**
 * A path of this site that is safe to go back to after signing in, or "/". What a browser could read
 * as another origin ("//host", "/\host", "https:") is refused, and so are control characters, which
 * browsers drop.
 */
export function safeReturnPath(path: string | null | undefined): string {
  const text = path ?? "";
  const isUnsafe = /[\u0000-\u001f\u007f\\]/.test(text);
  return !isUnsafe && /^\/(?!\/)/.test(text) ? text : "/";
}

/** Whether an address is http(s), so that it cannot be a "javascript:" one. */
export function isWebAddress(address: string, base?: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(address, base).protocol);
  } catch {
    return false;
  }
}
