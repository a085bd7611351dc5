import type { StunnerdConfig, StunnerdListener } from "../resources/stunnerd-config.ts";

/**
 * Names of the listeners whose calls are cut when a running stunnerd gets the second configuration in place of the
 * first (rule I50, spec/cds.md 6.2): removed and renamed ones, those whose socket or certificate changes, and all of
 * them when the realm does.
 */
export function disrupted(before: StunnerdConfig | undefined, after: StunnerdConfig | undefined): string[] {
  const listeners = before?.listeners ?? [];
  if (before && after && before.auth.realm !== after.auth.realm) return listeners.map((listener) => listener.name);
  const next = new Map(after?.listeners?.map((listener) => [listener.name, listener]));
  return listeners.filter((listener) => restarts(listener, next.get(listener.name))).map((listener) => listener.name);
}

function restarts(before: StunnerdListener, after: StunnerdListener | undefined): boolean {
  if (!after) return true;
  return (["protocol", "address", "port", "cert", "key"] as const).some((field) => before[field] !== after[field]);
}
