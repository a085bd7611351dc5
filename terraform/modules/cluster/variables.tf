variable "cluster" {
  description = "Name of the cluster in the list of clusters and in the store."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", var.cluster))
    error_message = "cluster: 1 to 63 of letters, digits, - and _, beginning with a letter or digit."
  }
}

variable "webhook" {
  description = "Whether a webhook sends events; else changes are found by the timer, or the audit log."
  type        = bool
  default     = true
}

variable "event_url" {
  description = "https://host[:port][/prefix] that events are sent to: url of modules/aws or gcp."
  type        = string
  default     = null

  validation {
    condition     = var.event_url == null || can(regex("^https://[^@?#]+$", var.event_url))
    error_message = "event_url: https://host[:port][/prefix], without user, query and fragment: an API server calls nothing else."
  }
}

variable "event_token" {
  description = "Token that lets events of this cluster in: one of event_tokens of modules/aws or gcp."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.event_token == null || can(regex("^[A-Za-z0-9._~-]{16,1000}$", var.event_token))
    error_message = "event_token: 16 and more of letters, digits and - . _ ~: it is part of a URL."
  }
}

variable "event_ca" {
  description = "PEM of the authority that signed the certificate at event_url; null: one that the API server trusts."
  type        = string
  default     = null
}

variable "event_secrets" {
  description = "Whether Secrets are sent as events, contents and all, from the namespaces in which some are used."
  type        = bool
  default     = false
}

variable "namespace" {
  description = "Namespace of the service account."
  type        = string
  default     = "stunner-system"
}

variable "create_namespace" {
  description = "Whether the namespace is made here."
  type        = bool
  default     = true
}

variable "users" {
  description = "Users that get the rights: those that a cloud's IAM maps to, such as the mail address of a Google service account."
  type        = list(string)
  default     = []
}

variable "groups" {
  description = "Groups that get the rights: kubernetes_group of modules/aws."
  type        = list(string)
  default     = []
}

variable "long_lived_token" {
  description = "Whether there is a Secret with a token that does not expire, for clusters that are connected to by token."
  type        = bool
  default     = false
}

variable "mode" {
  description = "managed or legacy, as in the list of clusters."
  type        = string
  default     = "managed"

  validation {
    condition     = contains(["managed", "legacy"], var.mode)
    error_message = "mode: managed or legacy."
  }
}

variable "endpoint_slices" {
  description = "Whether EndpointSlices are read; else Endpoints."
  type        = bool
  default     = true
}

variable "delivery" {
  description = "How configurations reach the pods: pull on AWS, proxy on Google Cloud, or direct or configmap; the rights depend on it."
  type        = string
  default     = "pull"

  validation {
    condition     = contains(["direct", "proxy", "pull", "configmap"], var.delivery)
    error_message = "delivery: direct, proxy, pull or configmap."
  }
}

variable "delivery_object" {
  description = "Of delivery configmap: Secret or ConfigMap."
  type        = string
  default     = "Secret"

  validation {
    condition     = contains(["Secret", "ConfigMap"], var.delivery_object)
    error_message = "delivery_object: Secret or ConfigMap."
  }
}

variable "default_dataplane" {
  description = "Whether the Dataplane default is made, which every GatewayConfig uses that names none."
  type        = bool
  default     = true
}

variable "image" {
  description = "stunnerd's image in that Dataplane; null: the release that this version was tested with."
  type        = string
  default     = null
}

variable "teardown" {
  description = "Lets destroy first remove everything that was made in the cluster (`stunner-serverless teardown --yes`): it needs a kubeconfig file and the store (output store of modules/aws or gcp), and whoever runs Terraform needs to reach both. Absent: that stays, and calls go on."
  type = object({
    kubeconfig = string
    store      = string
    command    = optional(string, "npx --yes stunner-serverless")
  })
  default = null
}
