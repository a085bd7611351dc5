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

variable "kubeconfig" {
  description = "A kubeconfig file for the cluster: with it, destroy first removes what was made in the cluster. Absent: that stays."
  type        = string
  default     = null
}
