import type { AnyKubeObject, KindInfo } from "../../resources/kinds.ts";
import type { Secret } from "../../resources/secret.ts";
import { deterministicUid } from "./identity.ts";

/** What an API server adds to a valid object: UID, generation, the label of a Namespace, `stringData` merged into `data`. */
export function complete(object: AnyKubeObject, info: KindInfo): AnyKubeObject {
  const { namespace = "", name, uid, generation, labels, creationTimestamp } = object.metadata;
  const metadata: AnyKubeObject["metadata"] = {
    ...object.metadata,
    uid: uid ?? deterministicUid(info.group, info.kind, namespace, name),
    generation: generation ?? 1,
  };
  if (creationTimestamp === null) delete metadata.creationTimestamp;
  if (info.kind === "Namespace") metadata.labels = { ...labels, "kubernetes.io/metadata.name": name };
  const completed = { ...object, metadata };
  return info.kind === "Secret" ? mergeStringData(completed as AnyKubeObject & Secret) : completed;
}

function mergeStringData({ stringData, ...secret }: AnyKubeObject & Secret): AnyKubeObject {
  if (stringData === undefined) return secret as AnyKubeObject;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(encoded) } } as AnyKubeObject;
}
