import * as z from "zod/mini";
import { decodeAudit } from "./decode-audit.ts";
import { type Decoded, refuseField } from "./decoded.ts";

const entrySchema = z.looseObject({
  protoPayload: z.optional(
    z.looseObject({
      serviceName: z.optional(z.string()),
      methodName: z.optional(z.string()),
      resourceName: z.optional(z.string()),
      status: z.optional(z.looseObject({ code: z.optional(z.number()) })),
      authenticationInfo: z.optional(z.looseObject({ principalEmail: z.optional(z.string()) })),
      response: z.optional(z.unknown()),
    }),
  ),
});

/** Resources of a Namespace itself that follow its name as those in it do. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(["status", "finalize"]);

/**
 * Decodes a LogEntry of Cloud Logging with an audit log entry of a GKE cluster's API server (Cloud Logging, LogEntry; Cloud Audit
 * Logs, AuditLog; GKE, "Audit logging"). What was written is told by `resourceName`, since `methodName` turns the group around.
 */
export function decodeGkeAudit(body: unknown): Decoded {
  const parsed = entrySchema.safeParse(body);
  if (!parsed.success) return refuseField("LogEntry", parsed.error);
  const { serviceName, methodName = "", resourceName = "", status, authenticationInfo, response } = parsed.data.protoPayload ?? {};
  const objectRef = serviceName === "k8s.io" ? objectOf(resourceName) : undefined;
  if (objectRef === undefined) return { changes: [] };
  // The status is one of gRPC, where 0 is the only success.
  const code = (status?.code ?? 0) === 0 ? 200 : 500;
  return decodeAudit({
    kind: "Event",
    stage: "ResponseComplete",
    verb: methodName.slice(methodName.lastIndexOf(".") + 1),
    user: { username: authenticationInfo?.principalEmail },
    objectRef,
    responseStatus: { code },
    responseObject: response,
  });
}

/** Whether a JSON value looks like a LogEntry with an audit log entry. */
export function isLogEntry(value: Readonly<Record<string, unknown>>): boolean {
  return value["protoPayload"] !== undefined;
}

/** @param name `GROUP/VERSION[/namespaces/NAMESPACE]/RESOURCE[/NAME[/SUBRESOURCE]]`, where the group of Services and the like is `core` */
function objectOf(name: string): Readonly<Record<string, string>> | undefined {
  const [group, apiVersion, ...path] = name.split("/");
  const [first, namespace, third] = path;
  if (group === undefined || apiVersion === undefined || first === undefined) return undefined;
  const isInNamespace = first === "namespaces" && third !== undefined && !OF_NAMESPACES.has(third);
  const [resource = "", object, subresource] = isInNamespace ? path.slice(2) : path;
  return {
    resource,
    apiGroup: group === "core" ? "" : group,
    apiVersion,
    ...(isInNamespace && namespace !== undefined ? { namespace } : {}),
    ...(object === undefined ? {} : { name: object }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
