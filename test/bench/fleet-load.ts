/** What the counts are multiplied with: a month of 30 days. Each is a setting, a default of Terraform, or an assumption that docs/scale.md names. */
export const LOAD = {
  secondsPerMonth: 30 * 24 * 3600,
  /** Seconds between resyncs. */
  resync: 300,
  /** Seconds between two questions of a pod, and for so long after a change one a second (DESIGN.md 4.3). */
  poll: 10,
  soon: 120,
  /** Pods per Gateway: a Dataplane's default. */
  pods: 1,
  /** Assumption: changes of each Gateway's configuration in a month, such as roll-outs of what is behind it. */
  edits: 30,
  /** Assumption: events that concern nobody, for each change. */
  foreign: 10,
  /** Assumption: an instance of a function lives so many seconds. */
  life: 7200,
  /** Secrets are read again after so many seconds (shared/secrets/secret.ts). */
  secretKept: 300,
  /** Assumption: bytes that Lambda and Cloud Run log of a call by themselves. */
  logBytes: { aws: 300, gcp: 700 },
  /** terraform/modules/aws: memory in MB; a whole vCPU comes with 1769 (AWS Lambda, "Configure function memory"). */
  memory: { event: 512, resync: 256, reconcile: 512, look: 512, cds: 256 },
  wholeCpu: 1769,
  reconcilesAtOnce: 10,
  /** Assumption: long polls of 20 s, five at a time on each of two queues, are asked for though nothing is there. */
  idlePolls: { queues: 2, pollers: 5, seconds: 20 },
  /** terraform/modules/aws/alarms.tf. An alarm of an expression is paid for by metric: dead letters 1, errors of 5 functions 2 each, CDS 2. */
  perCluster: { metrics: 1, alarms: 3 },
  fixed: { secrets: 2, alarms: 13, dashboards: 1 },
  /** terraform/modules/gcp/functions.tf: vCPU, GiB and watches of an instance. Time is rounded up to 0.1 s (Cloud Run, "Pricing"). */
  run: { cpu: 1, gibibytes: 0.5, watches: 250, step: 0.1 },
  /** Seconds between two looks at an index that somebody watches: while nothing changes, and after a change (functions/gcp/watched-cluster.ts). */
  look: { quiet: 3, soon: 1 },
} as const;
