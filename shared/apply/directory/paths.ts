import { join } from "node:path";
import { GATEWAY_GROUP } from "../../resources/constants.ts";
import { groupOf } from "../../resources/kinds.ts";
import { ClusterError } from "../cluster.ts";

interface Located {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}


/**
 * `Kind/namespace/name.yaml`, relative to the directory; cluster-scoped: `Kind/name.yaml`. Two groups have a UDPRoute: the
 * kind of Gateway API carries its group.
 * @throws {ClusterError} where a name is none that could be a file of its own
 */
export function pathOf({ apiVersion, kind, namespace, name }: Located): string {
  const folder = kind === "UDPRoute" && groupOf(apiVersion) === GATEWAY_GROUP ? `${kind}.${GATEWAY_GROUP}` : kind;
  const segments = [folder, ...(namespace ? [namespace] : []), `${name}.yaml`];
  if (segments.every((segment) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(segment))) return join(...segments);
  throw new ClusterError(`the name of ${kind} ${namespace ?? ""}/${name} is none for a file`, { code: "InvalidName", retryable: false });
}
