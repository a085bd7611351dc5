import { type AnyKubeObject, groupOf } from "../../resources/kinds.ts";
import type { Secret } from "../../resources/secret.ts";
import { deterministicUid } from "./identity.ts";

/** What an API server adds to a valid object: UID, generation, the label of a Namespace, `stringData` merged into `data`. */
export function complete(object: AnyKubeObject): AnyKubeObject {
  const { namespace = "", name, uid, generation, labels } = object.metadata;
  const metadata: AnyKubeObject["metadata"] = {
    ...object.metadata,
    uid: uid ?? deterministicUid(groupOf(object.apiVersion), object.kind, namespace, name),
    generation: generation ?? 1,
  };
  if (object.kind === "Namespace") metadata.labels = { ...labels, "kubernetes.io/metadata.name": name };
  const completed = { ...object, metadata };
  return object.kind === "Secret" ? mergeStringData(completed as AnyKubeObject & Secret) : completed;
}

function mergeStringData({ stringData, ...secret }: AnyKubeObject & Secret): AnyKubeObject {
  if (stringData === undefined) return secret as AnyKubeObject;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(encoded) } } as AnyKubeObject;
}
