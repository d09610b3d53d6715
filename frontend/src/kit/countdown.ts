import { useEffect, useState } from "preact/hooks";

import { clockText, serverNow } from "../lib/time";

/** The time that is left until a moment, such as "9:05"; "" when it is over, null without a moment. */
export function useCountdown(until: string | null | undefined): string | null {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!until) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  if (!until) return null;
  const left = Date.parse(until) - now;
  return left > 0 ? clockText(left) : "";
}
