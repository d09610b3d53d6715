// The browser's two stores, reading and writing JSON, and never throwing: private windows and full
// disks may refuse, and then the page still works for as long as it stays open.

const PREFIX = "jangteo.";

export interface Store {
  get<T>(name: string): T | null;
  set(name: string, value: unknown): void;
  remove(name: string): void;
  clear(): void;
}

function open(area: () => Storage): Store {
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
export const tabStore = open(() => sessionStorage);

/** Lasts on this device. */
export const deviceStore = open(() => localStorage);
