// The browser's two stores, reading and writing JSON, and never throwing: private windows and full
// disks may refuse, and then the page still works for as long as it stays open.

const PREFIX = "jangteo.";

/** What stays, by name; frontend/README.md tells what each is and until when, and a test compares. */
export const KEPT = {
  tab: ["attempt.*", "code_step", "draft.*", "held", "local_cloud", "login.completion", "login.provider", "paying", "session"],
  device: ["member", "orders", "signed_in"],
} as const;

type Name<N extends string> = N extends `${infer P}*` ? `${P}${string}` : N;

export interface Store<N extends string> {
  get<T>(name: N): T | null;
  set(name: N, value: unknown): void;
  remove(name: N): void;
  clear(): void;
}

function open<N extends string>(area: () => Storage): Store<N> {
  const memory = new Map<string, unknown>();
  const quietly = (work: () => void) => {
    try {
      work();
    } catch {
      // Memory has it.
    }
  };
  return {
    get<T>(name: string) {
      try {
        const text = area().getItem(PREFIX + name);
        return text === null ? null : (JSON.parse(text) as T);
      } catch {
        return (memory.get(name) as T | undefined) ?? null;
      }
    },
    set(name, value) {
      memory.set(name, value);
      quietly(() => area().setItem(PREFIX + name, JSON.stringify(value)));
    },
    remove(name) {
      memory.delete(name);
      quietly(() => area().removeItem(PREFIX + name));
    },
    clear() {
      memory.clear();
      quietly(() => area().clear());
    },
  };
}

/** Lasts as long as the tab. */
export const tabStore = open<Name<(typeof KEPT.tab)[number]>>(() => sessionStorage);

/** Lasts on this device. */
export const deviceStore = open<Name<(typeof KEPT.device)[number]>>(() => localStorage);
