import type { KubeClient, KubeRequest } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { collectionPath, type ObjectRef, objectPath } from "../../kube/paths.ts";
import { FIELD_MANAGER, statusManager } from "../../render/managed-fields.ts";
import type { Deletion, DesiredObject } from "../../render/result.ts";
import { kindOf } from "../../resources/kinds.ts";
import { kubeObjectSchema, type KubeObject } from "../../resources/meta.ts";
import { getOne } from "../../state/live/get-one.ts";

export interface RequestOptions {
  readonly client: KubeClient;
  /** The server judges what is written and does not keep it. */
  readonly dryRun: boolean;
  /** Awaited before each write; where it rejects, nothing is written. */
  readonly permit: () => Promise<void>;
  readonly controllerName: string;
}

/** What is asked of an API server to write an object. @throws {KubeError} every method */
export interface Requests {
  /** Undefined where there is none. */
  get(ref: KubeObject): Promise<KubeObject | undefined>;
  /** Refused (409, AlreadyExists) where there is one: unlike an apply it can never undo the work of a later pass. */
  create(object: DesiredObject): Promise<KubeObject>;
  /** Server-side apply to the object as it was read. Refused (409) where it has changed or gone since. */
  apply(object: DesiredObject, read: KubeObject): Promise<KubeObject>;
  /** Sets who manages which field, of the object as it was read. */
  sign(read: KubeObject, managedFields: readonly unknown[]): Promise<KubeObject>;
  putStatus(read: KubeObject, status: unknown): Promise<void>;
  delete(deletion: Deletion): Promise<void>;
}

export function createRequests({ client, dryRun, permit, controllerName }: RequestOptions): Requests {
  const query = { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: "All" } : {}) };
  const write = async (request: Omit<KubeRequest, "query" | "permit">, more: Record<string, string> = {}): Promise<KubeObject> => {
    const { body } = await client.request({ ...request, query: { ...query, ...more }, permit });
    const parsed = kubeObjectSchema.safeParse(body);
    if (parsed.success) return parsed.data;
    // It may be written or not: the next pass sees.
    throw new KubeError(`${request.method} ${request.path}: the answer is no object`, { code: "BadAnswer", status: 0, retryable: true });
  };
  return {
    get: async (ref) => (await getOne(client, refOf(ref))) as KubeObject | undefined,
    create: (object) => write({ method: "POST", path: placeOf(object), body: object }, { fieldValidation: "Strict" }),
    apply(object, { metadata: { uid, resourceVersion } }) {
      // With the version alone an object that has gone meanwhile would come back.
      const body = { ...object, metadata: { ...object.metadata, uid, resourceVersion } };
      return write({ method: "PATCH", path: objectPath(refOf(object)), contentType: "application/apply-patch+yaml", body }, { force: "true" });
    },
    sign(read, managedFields) {
      const body = [
        { op: "replace", path: "/metadata/managedFields", value: managedFields },
        { op: "replace", path: "/metadata/resourceVersion", value: read.metadata.resourceVersion },
      ];
      return write({ method: "PATCH", path: objectPath(refOf(read)), contentType: "application/json-patch+json", body });
    },
    async putStatus(read, status) {
      await write({ method: "PUT", path: objectPath(refOf(read), "status"), body: { ...read, status } }, { fieldManager: statusManager(controllerName) });
    },
    async delete(deletion) {
      const { uid, resourceVersion } = deletion;
      const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
      const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions, ...(dryRun ? { dryRun: ["All"] } : {}) };
      await client.request({ method: "DELETE", path: objectPath(deletion), body, permit });
    },
  };
}

function refOf({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace ? { namespace } : {}) };
}

/** @throws {TypeError} the kind is none of KINDS: a mistake in the caller */
function placeOf(object: DesiredObject): string {
  const info = kindOf(object);
  if (!info) throw new TypeError(`no path for kind ${object.kind} of ${object.apiVersion}`);
  return collectionPath(info, object.apiVersion, object.metadata.namespace);
}
