locals {
  environment = {
    common = {
      STUNNER_STORE     = "s3://${local.bucket}?region=${local.region}"
      STUNNER_CLUSTERS  = local.clusters_key
      STUNNER_CDS_URL   = local.cds_url
      STUNNER_DELIVERY  = "pull"
      STUNNER_LOG_LEVEL = var.log_level
    }
    queues = {
      STUNNER_QUEUE_URL      = aws_sqs_queue.passes.url
      STUNNER_LOOK_QUEUE_URL = aws_sqs_queue.looks.url
    }
    token_keys = { STUNNER_TOKEN_KEYS_SECRET = local.token_keys_secret_arn }
    api_keys   = { STUNNER_API_KEYS_SECRET = local.api_keys_secret_arn }
  }

  environments = {
    event       = merge(local.environment.common, local.environment.queues, local.environment.token_keys)
    reconcile   = merge(local.environment.common, local.environment.queues, local.environment.token_keys)
    resync      = merge(local.environment.common, local.environment.queues)
    cds         = merge(local.environment.common, local.environment.token_keys)
    credentials = merge(local.environment.common, local.environment.token_keys, local.environment.api_keys)
  }
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158: encrypted by CloudWatch's own keys unless kms_key_arn names one; no secrets are logged
  # checkov:skip=CKV_AWS_338: how long is a setting; a year of them is nobody's default
  for_each = toset(local.function_names)

  name              = local.log_groups[each.key]
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50: traces hold URLs, and event tokens are part of a URL
  # checkov:skip=CKV_AWS_115: a setting (functions): an account whose quota is still 10 can reserve none
  # checkov:skip=CKV_AWS_116: none is called asynchronously but resync, which its schedule tries again; passes have a dead-letter queue
  # checkov:skip=CKV_AWS_117: in a VPC only where an API server has no public endpoint (vpc): there it costs a NAT gateway or endpoints
  # checkov:skip=CKV_AWS_173: variables hold names and no secrets
  # checkov:skip=CKV_AWS_272: the zips are made from the source by their user, and compared by their hash
  for_each = toset(local.function_names)

  function_name                  = "${var.name}-${each.key}"
  description                    = "stunner-serverless: ${each.key}"
  role                           = aws_iam_role.function[each.key].arn
  filename                       = var.packages[each.key]
  source_code_hash               = filebase64sha256(var.packages[each.key])
  handler                        = var.handler
  runtime                        = var.runtime
  architectures                  = ["arm64"]
  memory_size                    = var.functions[each.key].memory
  timeout                        = var.functions[each.key].timeout
  reserved_concurrent_executions = var.functions[each.key].concurrency
  kms_key_arn                    = var.kms_key_arn
  tags                           = local.tags

  environment {
    variables = local.environments[each.key]
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  # Only passes talk to API servers.
  dynamic "vpc_config" {
    for_each = each.key == "reconcile" && var.vpc != null ? [var.vpc] : []

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  depends_on = [aws_iam_role_policy.function]
}
