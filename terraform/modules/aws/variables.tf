variable "name" {
  description = "Begins the names of everything that is made."
  type        = string
  default     = "stunner"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,23}$", var.name))
    error_message = "name: 2 to 24 of a-z, 0-9 and -, beginning with a letter: names of buckets and roles have no room for more."
  }
}

variable "clusters" {
  description = <<-EOT
    The clusters that are served, by name. server and ca are those of the API server. An EKS cluster also has the name that
    AWS knows it by (eks_cluster, default: its name here), and its region where that is another one. Other clusters are not for this variable: see clusters_key.
    resync_minutes: how often everything is looked at. access_entry: lets the reconcile function in, as group stunner-serverless.
    audit_events: sends the cluster's audit log as events; the cluster must write it. What is left out of the rest is as in docs/settings.md.
  EOT
  type = map(object({
    server             = string
    ca                 = optional(string)
    eks_cluster        = optional(string)
    region             = optional(string)
    resync_minutes     = optional(number, 5)
    access_entry       = optional(bool, true)
    audit_events       = optional(bool, false)
    mode               = optional(string)
    controller_name    = optional(string)
    endpoint_discovery = optional(bool)
    on_invalid         = optional(string)
    reference_grants   = optional(string)
    certificates       = optional(string)
    drift              = optional(string)
    admission          = optional(string)
    label_filter       = optional(list(string))
    poll_interval      = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.clusters) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", name))])
    error_message = "clusters: a name is 1 to 63 of letters, digits, - and _, and begins with a letter or digit."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : can(regex("^https://[^@?#/]+$", one.server))])
    error_message = "clusters: server is https://host[:port]."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : one.resync_minutes >= 1 && one.resync_minutes <= 720 && floor(one.resync_minutes) == one.resync_minutes])
    error_message = "clusters: resync_minutes is a whole number from 1 to 720: an alarm looks at two periods, and no further back than a day."
  }

  validation {
    condition = alltrue([for one in values(var.clusters) : alltrue([
      contains(["managed", "legacy"], coalesce(one.mode, "managed")),
      contains(["hold", "teardown"], coalesce(one.on_invalid, "hold")),
      contains(["permit", "enforce"], coalesce(one.reference_grants, "permit")),
      contains(["verify", "trust"], coalesce(one.certificates, "verify")),
      contains(["correct", "report"], coalesce(one.drift, "correct")),
      contains(["off", "warn", "deny"], coalesce(one.admission, "warn")),
    ])])
    error_message = "clusters: mode is managed or legacy, on_invalid hold or teardown, reference_grants permit or enforce, certificates verify or trust, drift correct or report, admission off, warn or deny."
  }
}

variable "clusters_key" {
  description = "Key in the store of a list of clusters that somebody else writes there (DESIGN.md 4.5); clusters is empty then, and one schedule resyncs all of the list."
  type        = string
  default     = null

  validation {
    condition     = var.clusters_key == null || can(regex("^settings/[A-Za-z0-9._/-]+$", var.clusters_key))
    error_message = "clusters_key: begins with settings/, which is what the functions may read."
  }
}

variable "packages" {
  description = "Paths of the functions' zips, as build.mjs makes them."
  type = object({
    event       = string
    reconcile   = string
    resync      = string
    cds         = string
    credentials = string
  })
}

variable "runtime" {
  description = "Lambda runtime."
  type        = string
  default     = "nodejs24.x"

  validation {
    condition     = can(regex("^nodejs(2[2-9]|[3-9][0-9])\\.x$", var.runtime))
    error_message = "runtime: nodejs22.x or newer."
  }
}

variable "handler" {
  description = "Handler in the zips."

  type    = string
  default = "index.handler"
}

variable "functions" {
  description = "Memory in MB, timeout in seconds and reserved concurrency of each function. Concurrency -1 reserves none: an account whose quota is still 10 can reserve none at all. event has 512 MB by default: it judges writes with the renderer while an API server waits, and a Lambda has as much of a processor as it has memory."
  type = object({
    event       = optional(object({ memory = optional(number, 512), timeout = optional(number, 10), concurrency = optional(number, -1) }), {})
    reconcile   = optional(object({ memory = optional(number, 512), timeout = optional(number, 120), concurrency = optional(number, -1) }), {})
    resync      = optional(object({ memory = optional(number, 256), timeout = optional(number, 60), concurrency = optional(number, -1) }), {})
    cds         = optional(object({ memory = optional(number, 256), timeout = optional(number, 10), concurrency = optional(number, -1) }), {})
    credentials = optional(object({ memory = optional(number, 256), timeout = optional(number, 10), concurrency = optional(number, -1) }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for one in values(var.functions) : one.memory >= 128 && one.memory <= 10240])
    error_message = "functions: memory is 128 to 10240 MB."
  }

  validation {
    condition     = alltrue([for one in values(var.functions) : one.timeout >= 5 && one.timeout <= 900])
    error_message = "functions: timeout is 5 to 900 seconds."
  }

  validation {
    condition     = alltrue([for name in ["event", "cds", "credentials"] : var.functions[name].timeout <= 29])
    error_message = "functions: event, cds and credentials answer HTTP: at most 29 seconds, after which API Gateway has given up."
  }

  validation {
    condition     = alltrue([for one in values(var.functions) : one.concurrency >= -1 && one.concurrency != 0])
    error_message = "functions: concurrency is -1, or 1 and more: 0 would switch the function off."
  }
}

variable "reconciles_at_once" {
  description = "Passes that run at the same time; of one cluster it is always one."
  type        = number
  default     = 10

  validation {
    condition     = var.reconciles_at_once >= 2 && var.reconciles_at_once <= 1000
    error_message = "reconciles_at_once: 2 to 1000 (Lambda, maximum concurrency of an SQS source)."
  }
}

variable "request_limits" {
  description = "Requests a second, and at once, that API Gateway lets through to each function; the rest is refused with 429 and costs nothing."
  type = object({
    event       = optional(object({ rate = optional(number, 200), burst = optional(number, 400) }), {})
    cds         = optional(object({ rate = optional(number, 1000), burst = optional(number, 2000) }), {})
    credentials = optional(object({ rate = optional(number, 200), burst = optional(number, 400) }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for one in values(var.request_limits) : one.rate > 0 && one.burst >= 1])
    error_message = "request_limits: rate is above 0 and burst at least 1."
  }
}

variable "credentials" {
  description = "Whether there is a TURN credential service."
  type        = bool
  default     = true
}

variable "token_keys_secret_arn" {
  description = "Secret that holds the key ring of tokens; absent: one is made, empty, to be filled once (README)."
  type        = string
  default     = null
}

variable "api_keys_secret_arn" {
  description = "Secret that holds the API keys of the credential service; absent: one is made, empty, to be filled once (README)."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "Key of one's own for bucket, queues, secrets, logs and schedules; absent: keys that AWS manages. Its policy must let the CloudWatch Logs service use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "bucket_name" {
  description = "Name of the store's bucket; default: NAME-ACCOUNT-REGION."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether destroy deletes a bucket that is not empty."
  type        = bool
  default     = false
}

variable "keep_versions_days" {
  description = "How long replaced and deleted objects of the store can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.keep_versions_days >= 1
    error_message = "keep_versions_days: 1 and more."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: one that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and so on."
  }
}

variable "log_level" {
  description = "Level of the functions' logs: debug or info. The alarms read the line of each pass, which is info."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info"], var.log_level)
    error_message = "log_level: debug or info. Alarms and dashboard read the line of each pass, which is info."
  }
}

variable "request_log" {
  description = "Whether API Gateway logs requests: time, route and status, never paths, since event tokens are part of a path."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "Network of the reconcile function, for API servers with private endpoints. It must lead to S3, SQS and Secrets Manager as well: see examples/aws-private."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0, false)
    error_message = "vpc: at least one subnet and one security group."
  }
}

variable "domain" {
  description = "Domain of one's own. certificate_arn: a certificate of this region; absent: one is made and proved in the zone zone_id. With zone_id the name is entered there."
  type = object({
    name            = string
    certificate_arn = optional(string)
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || try(var.domain.certificate_arn != null || var.domain.zone_id != null, false)
    error_message = "domain: needs a certificate_arn, or a zone_id in which one can be proved."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms, and of their end."
  type        = list(string)
  default     = []
}

variable "monthly_budget" {
  description = "Dollars a month, and who is told by mail at 80 % and when the forecast is above; absent: no budget. Costs are found by the tag stunner-serverless, which must be made a cost allocation tag once."
  type = object({
    dollars = number
    emails  = list(string)
  })
  default = null

  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget.dollars > 0 && length(var.monthly_budget.emails) > 0, false)
    error_message = "monthly_budget: dollars above 0 and at least one address."
  }
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}
