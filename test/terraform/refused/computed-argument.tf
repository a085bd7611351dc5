# says: Can't configure a value for "arn"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_sqs_queue" "this" {
  arn = "arn:aws:sqs:eu-central-1:123456789012:mine"
}
