import type { Gateway } from "../../resources/gateway.ts";

/** Path of a Gateway's configuration at CDS (spec/cds.md 2). */
export function configPath({ metadata: { name, namespace = "" } }: Gateway): string {
  return `/api/v1/configs/${segment(namespace)}/${segment(name)}`;
}

/** Names are DNS names; should one not be, nothing of it means anything to nginx, curl or a shell. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
