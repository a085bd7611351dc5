/**
 * Makes something at its first use, once; where that fails, the next use tries again. What is made outlives a call of the
 * function, and whoever froze the process in between.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
