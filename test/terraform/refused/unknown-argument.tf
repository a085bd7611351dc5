# says: An argument named "delay_secondz" is not expected here.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_sqs_queue" "this" {
  delay_secondz = 5
}
