# says: The argument "role" is required, but no definition was found.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_lambda_function" "this" {
  function_name = "one"
}
