export interface ChangeListeners {
  /** Adds a listener; returns how to remove it. */
  add(listener: (key: string) => void): () => void;
  /** Tells all listeners, after the present call stack: what one of them does cannot fail a write. */
  notify(key: string): void;
}

/** The listeners of one store instance (ObjectStore.onChange). */
export function createChangeListeners(): ChangeListeners {
  // Wrapped, so that one function added twice counts, and is removed, twice.
  const listeners = new Set<{ call: (key: string) => void }>();
  return {
    add(listener) {
      const entry = { call: listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    notify(key) {
      for (const entry of listeners) {
        queueMicrotask(() => {
          if (listeners.has(entry)) entry.call(key);
        });
      }
    },
  };
}
