variable "project" {
  description = "Project of the clusters and of everything else."
  type        = string
}

variable "region" {
  description = "Region of everything but the clusters."
  type        = string
}

variable "clusters" {
  description = "Name and location (region or zone) of each cluster: production, staging, development."
  type        = map(object({ name = string, location = string }))

  validation {
    condition     = toset(keys(var.clusters)) == toset(["production", "staging", "development"])
    error_message = "clusters: production, staging and development."
  }
}

variable "notification_channels" {
  description = "Channels of Cloud Monitoring that are told of alerts."
  type        = list(string)
  default     = []
}
