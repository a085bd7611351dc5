# One role per function, with what its code uses and nothing else. test/terraform/render.ts renders these documents.
locals {
  objects = {
    clusters = "${local.bucket_arn}/clusters/*"
    settings = "${local.bucket_arn}/settings/*"
    starts   = "${local.bucket_arn}/clusters/*/start.json"
  }

  statements = {
    # Without the right to list, S3 answers 403 for what is not there, and "not there" must be told from "not allowed".
    read = [
      { Sid = "ReadStore", Effect = "Allow", Action = ["s3:GetObject"], Resource = [local.objects.clusters, local.objects.settings] },
      { Sid = "TellAbsence", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.bucket_arn] },
    ]
    write  = [{ Sid = "WriteStore", Effect = "Allow", Action = ["s3:PutObject", "s3:DeleteObject"], Resource = [local.objects.clusters] }]
    starts = [{ Sid = "NoteStarts", Effect = "Allow", Action = ["s3:PutObject"], Resource = [local.objects.starts] }]
    ask    = [{ Sid = "AskForPasses", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue_arns.passes, local.queue_arns.looks] }]
    resync = [{ Sid = "AskForPasses", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [local.queue_arns.passes] }]
    receive = [{
      Sid      = "ReceiveMessages"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      Resource = [local.queue_arns.passes, local.queue_arns.looks]
    }]
    token_keys = [{ Sid = "ReadTokenKeys", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = [local.token_keys_secret_arn] }]
    api_keys   = [{ Sid = "ReadApiKeys", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = [local.api_keys_secret_arn] }]
    decrypt    = var.kms_key_arn == null ? [] : [{ Sid = "Decrypt", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn] }]
    encrypt    = var.kms_key_arn == null ? [] : [{ Sid = "Encrypt", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = [var.kms_key_arn] }]
    # Lambda's own work with network interfaces: these have no names yet when they are made (Lambda, "execution role in a VPC").
    network = var.vpc == null ? [] : [{
      Sid    = "NetworkInterfaces"
      Effect = "Allow"
      Action = [
        "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
      ]
      Resource = ["*"]
    }]
  }

  grants = {
    event       = ["read", "ask", "token_keys", "decrypt", "encrypt"]
    reconcile   = ["read", "write", "ask", "receive", "token_keys", "decrypt", "encrypt", "network"]
    resync      = ["read", "starts", "resync", "decrypt", "encrypt"]
    cds         = ["read", "token_keys", "decrypt"]
    credentials = ["read", "token_keys", "api_keys", "decrypt"]
  }

  policies = { for name in local.function_names : name => jsonencode({
    Version = "2012-10-17"
    Statement = concat(flatten([for grant in local.grants[name] : local.statements[grant]]), [{
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_groups[name]}:*"]
    }])
  }) }
}

resource "aws_iam_role" "function" {
  for_each = toset(local.function_names)

  name        = "${var.name}-${each.key}"
  description = "Of the Lambda function ${var.name}-${each.key}"
  tags        = local.tags
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = toset(local.function_names)

  name   = "function"
  role   = aws_iam_role.function[each.key].id
  policy = local.policies[each.key]
}

resource "aws_iam_role" "schedule" {
  name        = "${var.name}-schedule"
  description = "Of the schedules that call ${var.name}-resync"
  tags        = local.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  name = "schedule"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "CallResync", Effect = "Allow", Action = ["lambda:InvokeFunction"], Resource = [local.function_arns.resync] }],
      local.statements.decrypt,
    )
  })
}
