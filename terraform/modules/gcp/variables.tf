variable "project" {
  description = "Project that everything is made in."
  type        = string
}

variable "region" {
  description = "Region of everything."
  type        = string
}

variable "name" {
  description = "Begins the names of everything that is made."
  type        = string
  default     = "stunner"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.name))
    error_message = "name: 2 to 16 of a-z, 0-9 and -, beginning with a letter: names of service accounts have no room for more."
  }
}

variable "clusters" {
  description = <<-EOT
    The clusters that are served, by name. server and ca are those of the API server; a server whose name ends with gke.goog needs no ca.
    gke: projects/P/locations/L/clusters/C, needed for audit_events, which sends the cluster's audit log as events: for clusters without
    the webhook, which tells sooner and costs nothing.
    resync_minutes: how often everything is looked at. What is left out of the rest is as in docs/settings.md.
  EOT
  type = map(object({
    server             = string
    ca                 = optional(string)
    gke                = optional(string)
    resync_minutes     = optional(number, 5)
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
    delivery           = optional(string, "proxy")
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
    condition     = alltrue([for one in values(var.clusters) : contains([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60], one.resync_minutes)])
    error_message = "clusters: resync_minutes divides an hour: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60."
  }

  validation {
    condition     = alltrue([for one in values(var.clusters) : can(regex("^projects/[^/]+/locations/[^/]+/clusters/[^/]+$", one.gke)) || (one.gke == null && !one.audit_events)])
    error_message = "clusters: gke is projects/P/locations/L/clusters/C; audit_events needs it."
  }

  validation {
    condition = alltrue([for one in values(var.clusters) : alltrue([
      contains(["managed", "legacy"], coalesce(one.mode, "managed")),
      contains(["hold", "teardown"], coalesce(one.on_invalid, "hold")),
      contains(["permit", "enforce"], coalesce(one.reference_grants, "permit")),
      contains(["verify", "trust"], coalesce(one.certificates, "verify")),
      contains(["correct", "report"], coalesce(one.drift, "correct")),
      contains(["off", "warn", "deny"], coalesce(one.admission, "warn")),
      contains(["proxy", "pull", "configmap"], one.delivery),
    ])])
    error_message = "clusters: mode is managed or legacy, on_invalid hold or teardown, reference_grants permit or enforce, certificates verify or trust, drift correct or report, admission off, warn or deny, delivery proxy, pull or configmap."
  }
}

variable "clusters_key" {
  description = "Key in the store of a list of clusters that somebody else writes there (DESIGN.md 4.5); clusters is empty then, and one job resyncs all of the list."
  type        = string
  default     = null

  validation {
    condition     = var.clusters_key == null || can(regex("^settings/[A-Za-z0-9._/-]+$", var.clusters_key))
    error_message = "clusters_key: begins with settings/, which is what the functions may read."
  }
}

variable "packages" {
  description = "Paths of the functions' source archives, as build.mjs makes them."
  type = object({
    event       = string
    reconcile   = string
    resync      = string
    cds         = string
    credentials = string
  })
}

variable "runtime" {
  description = "Runtime of the functions."
  type        = string
  default     = "nodejs24"

  validation {
    condition     = can(regex("^nodejs(2[2-9]|[3-9][0-9])$", var.runtime))
    error_message = "runtime: nodejs22 or newer."
  }
}

variable "functions" {
  description = "Memory, timeout in seconds, and fewest and most instances of each function. A watch of cds ends by itself before its timeout."
  type = object({
    event       = optional(object({ memory = optional(string, "512Mi"), timeout = optional(number, 10), least = optional(number, 0), most = optional(number, 20) }), {})
    reconcile   = optional(object({ memory = optional(string, "512Mi"), timeout = optional(number, 120), least = optional(number, 0), most = optional(number, 10) }), {})
    resync      = optional(object({ memory = optional(string, "512Mi"), timeout = optional(number, 60), least = optional(number, 0), most = optional(number, 2) }), {})
    cds         = optional(object({ memory = optional(string, "512Mi"), timeout = optional(number, 3600), least = optional(number, 0), most = optional(number, 20) }), {})
    credentials = optional(object({ memory = optional(string, "512Mi"), timeout = optional(number, 10), least = optional(number, 0), most = optional(number, 20) }), {})
    audit       = optional(object({ memory = optional(string, "512Mi"), timeout = optional(number, 10), least = optional(number, 0), most = optional(number, 5) }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for one in values(var.functions) : can(regex("^[1-9][0-9]*(Mi|Gi)$", one.memory))])
    error_message = "functions: memory is such as 512Mi or 1Gi."
  }

  validation {
    condition     = alltrue([for one in values(var.functions) : one.timeout >= 5 && one.timeout <= 3600])
    error_message = "functions: timeout is 5 to 3600 seconds."
  }

  validation {
    condition     = var.functions.reconcile.timeout <= 1800
    error_message = "functions: Cloud Tasks gives up on reconcile after 1800 seconds."
  }

  validation {
    condition     = alltrue([for one in values(var.functions) : one.least >= 0 && one.most >= 1 && one.least <= one.most])
    error_message = "functions: least is 0 and more, most 1 and more, and not below least."
  }
}

variable "watches_per_instance" {
  description = "Watches and requests that one instance of cds holds at the same time."
  type        = number
  default     = 250

  validation {
    condition     = var.watches_per_instance >= 1 && var.watches_per_instance <= 1000
    error_message = "watches_per_instance: 1 to 1000 (Cloud Run)."
  }
}

variable "reconciles_at_once" {
  description = "Passes that run at the same time; of one cluster it is always one."
  type        = number
  default     = 10

  validation {
    condition     = var.reconciles_at_once >= 1 && var.reconciles_at_once <= 500
    error_message = "reconciles_at_once: 1 to 500."
  }
}

variable "credentials" {
  description = "Whether there is a TURN credential service."
  type        = bool
  default     = true
}

variable "kms_key_name" {
  description = "Key of one's own for buckets, secrets, and the topics of audit events: projects/P/locations/REGION/keyRings/R/cryptoKeys/K; absent: keys that Google manages."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_name == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key_name))
    error_message = "kms_key_name: projects/P/locations/REGION/keyRings/R/cryptoKeys/K."
  }
}

variable "kms_grants" {
  description = "Whether the service agents of this project are allowed to use the key; false where the key's owner does that."
  type        = bool
  default     = true
}

variable "bucket_name" {
  description = "Name of the store's bucket; default: NAME-PROJECT-REGION."
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
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 3650
    error_message = "log_retention_days: 1 to 3650."
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

variable "domain" {
  description = "Domain of one's own, whose A record must become the output address; absent: the functions' own addresses at run.app."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^[a-z0-9-]+([.][a-z0-9-]+)+$", var.domain))
    error_message = "domain: a name such as stunner.example.com."
  }
}

variable "vpc_connector" {
  description = "Serverless VPC Access connector of the reconcile function, for API servers with private endpoints: projects/P/locations/REGION/connectors/C."
  type        = string
  default     = null
}

variable "notification_channels" {
  description = "Channels of Cloud Monitoring that are told of alerts."
  type        = list(string)
  default     = []
}

variable "error_alerts" {
  description = "When answers 5xx of a function raise an alert: at percent of its answers in ten minutes, cds_percent for cds; but never below least of them, so that one of two requests in a quiet hour raises none."
  type = object({
    percent     = optional(number, 5)
    cds_percent = optional(number, 1)
    least       = optional(number, 5)
  })
  default = {}

  validation {
    condition     = alltrue([for one in [var.error_alerts.percent, var.error_alerts.cds_percent] : one > 0 && one < 100])
    error_message = "error_alerts: percent and cds_percent are above 0 and below 100."
  }

  validation {
    condition     = var.error_alerts.least >= 1 && floor(var.error_alerts.least) == var.error_alerts.least
    error_message = "error_alerts: least is a whole number, 1 and more."
  }
}

variable "monthly_budget" {
  description = "Billing account, and units of its currency a month at which its administrators are told by mail: at 80 % and when the forecast is above; absent: no budget."
  type = object({
    billing_account = string
    amount          = number
  })
  default = null

  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget.amount >= 1, false)
    error_message = "monthly_budget: amount is 1 and more."
  }
}

variable "labels" {
  description = "Labels of everything that is made."
  type        = map(string)
  default     = {}
}
