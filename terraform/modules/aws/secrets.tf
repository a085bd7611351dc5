# Made empty and filled by hand, once: what Terraform writes, its state keeps.
resource "aws_secretsmanager_secret" "token_keys" {
  # checkov:skip=CKV_AWS_149: encrypted by the account's own key unless kms_key_arn names one
  # checkov:skip=CKV2_AWS_57: rotated by `stunner-serverless token rotate`, which knows when the clusters have the new tokens
  count = var.token_keys_secret_arn == null ? 1 : 0

  name_prefix = "${var.name}-token-keys-"
  description = "Key ring of the tokens that open configurations"
  kms_key_id  = var.kms_key_arn
  tags        = local.tags
}

resource "aws_secretsmanager_secret" "api_keys" {
  # checkov:skip=CKV_AWS_149: encrypted by the account's own key unless kms_key_arn names one
  # checkov:skip=CKV2_AWS_57: applications have to be given the new one first
  count = var.credentials && var.api_keys_secret_arn == null ? 1 : 0

  name_prefix = "${var.name}-api-keys-"
  description = "API keys of the TURN credential service, one on each line"
  kms_key_id  = var.kms_key_arn
  tags        = local.tags
}

locals {
  token_keys_secret_arn = var.token_keys_secret_arn != null ? var.token_keys_secret_arn : aws_secretsmanager_secret.token_keys[0].arn
  api_keys_secret_arn   = var.api_keys_secret_arn != null ? var.api_keys_secret_arn : one(aws_secretsmanager_secret.api_keys[*].arn)
}
