import * as z from "zod/mini";
import { parseJson } from "../../shared/cloud/json.ts";

const labels = z.object({ project_id: z.string(), location: z.string(), cluster_name: z.string() });
const entrySchema = z.object({ resource: z.object({ labels }) });
const messageSchema = z.object({ message: z.object({ data: z.string() }) });

/**
 * The cluster that a log entry is of, as GKE names it: `projects/P/locations/L/clusters/C` (Cloud Logging, resource type k8s_cluster).
 * @param data of a CloudEvent: a LogEntry, or a Pub/Sub message that has one
 */
export function clusterOfLog(data: unknown): string | undefined {
  const message = messageSchema.safeParse(data);
  const entry = entrySchema.safeParse(message.success ? parseJson(Buffer.from(message.data.message.data, "base64")) : data);
  if (!entry.success) return undefined;
  const { project_id: project, location, cluster_name: cluster } = entry.data.resource.labels;
  return `projects/${project}/locations/${location}/clusters/${cluster}`;
}
