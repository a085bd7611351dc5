variable "cluster" {
  description = "Name of the EKS cluster."
  type        = string
}

variable "region" {
  description = "AWS region of the cluster and of everything else."
  type        = string
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  default     = []
}

variable "kubeconfig" {
  description = "A kubeconfig file for the cluster: with it, destroy first removes what was made in the cluster. Absent: that stays."
  type        = string
  default     = null
}
