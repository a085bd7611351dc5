variable "clusters" {
  description = "Names of the EKS clusters."
  type = object({
    production  = string
    staging     = string
    development = string
  })
}

variable "region" {
  description = "AWS region of the clusters and of everything else."
  type        = string
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  default     = []
}
