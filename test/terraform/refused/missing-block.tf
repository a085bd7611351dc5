# says: At least 1 "target" blocks are required.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_scheduler_schedule" "this" {
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }
}
