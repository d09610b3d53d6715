// The browser's two stores, reading and writing JSON, and never throwing:
// private windows and full disks may refuse, and then the page still works
// for as long as it stays open.

function open(area) {
  const memory = new Map();
  return {
    get(name) {
      try {
        return JSON.parse(area().getItem(`jangteo.${name}`)) ?? null;
      } catch {
        return memory.get(name) ?? null;
      }
    },
    set(name, value) {
      memory.set(name, value);
      try {
        area().setItem(`jangteo.${name}`, JSON.stringify(value));
      } catch {
        // Kept in memory only.
      }
    },
    remove(name) {
      memory.delete(name);
      try {
        area().removeItem(`jangteo.${name}`);
      } catch {
        // There was nothing to remove.
      }
    },
    clear() {
      memory.clear();
      try {
        area().clear();
      } catch {
        // There was nothing to remove.
      }
    },
  };
}

/** Lasts as long as the tab. */
export const tabStore = open(() => sessionStorage);

/** Lasts on this device. */
export const deviceStore = open(() => localStorage);
