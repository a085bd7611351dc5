variable "project" {
  description = "Project of the cluster and of everything else."
  type        = string
}

variable "region" {
  description = "Region of everything but the cluster."
  type        = string
}

variable "location" {
  description = "Region or zone of the cluster."
  type        = string
}

variable "cluster" {
  description = "Name of the GKE cluster."
  type        = string
}

variable "notification_channels" {
  description = "Channels of Cloud Monitoring that are told of alerts."
  type        = list(string)
  default     = []
}

variable "connector_range" {
  description = "A /28 of the cluster's network that nothing else uses, for the connector. The cluster must allow it (master authorized networks)."
  type        = string
}
