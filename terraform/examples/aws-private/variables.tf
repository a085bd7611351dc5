variable "cluster" {
  description = "Name of the EKS cluster."
  type        = string
}

variable "region" {
  description = "AWS region of the cluster and of everything else."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the cluster's VPC that the reconcile function runs in, of two availability zones or more."
  type        = list(string)
}

variable "route_table_ids" {
  description = "Route tables of these subnets: they get the way to S3."
  type        = list(string)
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  default     = []
}
