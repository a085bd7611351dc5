locals {
  # A message that failed so often is put aside: an alarm tells, and the next resync passes anyway.
  receives = 5

  # A message that was being worked on when a function died holds up its cluster for so long; nothing is handed back (docs/functions.md).
  visibility = var.functions.reconcile.timeout + 30
}

resource "aws_sqs_queue" "dead" {
  # checkov:skip=CKV_AWS_27: encrypted by SQS's own keys unless kms_key_arn names one
  name                              = local.queue_names.dead
  fifo_queue                        = true
  message_retention_seconds         = 14 * 24 * 3600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  tags                              = local.tags
}

# Messages that start passes; the group is the cluster, the deduplication id cluster:n (docs/decisions/0012).
resource "aws_sqs_queue" "passes" {
  # checkov:skip=CKV_AWS_27: encrypted by SQS's own keys unless kms_key_arn names one
  name                              = local.queue_names.passes
  fifo_queue                        = true
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  visibility_timeout_seconds        = local.visibility
  message_retention_seconds         = 24 * 3600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  redrive_policy                    = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = local.receives })
  tags                              = local.tags
}

# Second looks: the webhook tells of a change before it is stored. A FIFO queue delays all of its messages or none.
resource "aws_sqs_queue" "looks" {
  # checkov:skip=CKV_AWS_27: encrypted by SQS's own keys unless kms_key_arn names one
  name                              = local.queue_names.looks
  fifo_queue                        = true
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  delay_seconds                     = 5
  visibility_timeout_seconds        = local.visibility
  message_retention_seconds         = 24 * 3600
  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 3600
  redrive_policy                    = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = local.receives })
  tags                              = local.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url            = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.passes.arn, aws_sqs_queue.looks.arn] })
}

# One message at a time: a pass takes what it takes, and another cluster need not wait for it.
resource "aws_lambda_event_source_mapping" "reconcile" {
  for_each = { passes = aws_sqs_queue.passes.arn, looks = aws_sqs_queue.looks.arn }

  event_source_arn        = each.value
  function_name           = aws_lambda_function.this["reconcile"].arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = local.tags

  scaling_config {
    maximum_concurrency = var.reconciles_at_once
  }

  depends_on = [aws_iam_role_policy.function]
}
