mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id            = "api1"
      api_endpoint  = "https://api1.execute-api.eu-central-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:api1"
    }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:made-abc" }
  }
}

mock_provider "random" {
  mock_resource "random_password" {
    defaults = { result = "a-token-of-forty-three-characters-0123456789" }
  }
}

variables {
  packages = {
    event       = "tests/package.zip"
    reconcile   = "tests/package.zip"
    resync      = "tests/package.zip"
    cds         = "tests/package.zip"
    credentials = "tests/package.zip"
  }
  clusters = {
    prod = {
      server      = "https://ABC.gr7.eu-central-1.eks.amazonaws.com"
      ca          = "-----BEGIN CERTIFICATE-----"
      eks_cluster = "media"
      drift       = "report"
    }
    quick = {
      server         = "https://DEF.gr7.eu-central-1.eks.amazonaws.com"
      resync_minutes = 1
    }
  }
}

run "defaults" {
  assert {
    condition     = aws_lambda_function.this["event"].memory_size == 512 && aws_lambda_function.this["cds"].memory_size == 256
    error_message = "event judges with the renderer, and has the memory for it"
  }

  assert {
    condition = jsondecode(aws_s3_object.clusters[0].content) == [
      {
        name       = "prod"
        connect    = { type = "eks", server = "https://ABC.gr7.eu-central-1.eks.amazonaws.com", ca = "-----BEGIN CERTIFICATE-----", cluster = "media", region = "eu-central-1" }
        eventToken = "a-token-of-forty-three-characters-0123456789"
        delivery   = "pull"
        drift      = "report"
      },
      {
        name       = "quick"
        connect    = { type = "eks", server = "https://DEF.gr7.eu-central-1.eks.amazonaws.com", cluster = "quick", region = "eu-central-1" }
        eventToken = "a-token-of-forty-three-characters-0123456789"
        delivery   = "pull"
      },
    ]
    error_message = "the list of clusters is not what shared/settings/clusters.ts reads"
  }

  assert {
    condition = output.environments.reconcile == {
      STUNNER_STORE             = "s3://stunner-123456789012-eu-central-1?region=eu-central-1"
      STUNNER_CLUSTERS          = "settings/clusters.json"
      STUNNER_CDS_URL           = "https://api1.execute-api.eu-central-1.amazonaws.com"
      STUNNER_DELIVERY          = "pull"
      STUNNER_LOG_LEVEL         = "info"
      STUNNER_QUEUE_URL         = aws_sqs_queue.passes.url
      STUNNER_LOOK_QUEUE_URL    = aws_sqs_queue.looks.url
      STUNNER_TOKEN_KEYS_SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:made-abc"
    }
    error_message = "the variables of reconcile are others"
  }

  assert {
    condition     = alltrue([for name in ["resync", "cds", "event", "credentials"] : output.environments[name].STUNNER_CLUSTERS == "settings/clusters.json"])
    error_message = "every function needs the list of clusters"
  }

  assert {
    condition     = !contains(flatten([for one in jsondecode(output.policies.cds).Statement : one.Action]), "s3:PutObject") && !contains(flatten([for one in jsondecode(output.policies.event).Statement : one.Action]), "s3:PutObject")
    error_message = "cds and event read the store, and write nothing"
  }

  assert {
    condition     = alltrue(flatten([for policy in values(output.policies) : [for one in jsondecode(policy).Statement : [for arn in one.Resource : arn != "*"]]]))
    error_message = "a policy is for everything there is"
  }

  assert {
    condition     = alltrue(flatten([for policy in values(output.policies) : [for one in jsondecode(policy).Statement : [for action in one.Action : !strcontains(action, "*")]]]))
    error_message = "a policy allows a whole family of actions"
  }

  assert {
    condition     = aws_scheduler_schedule.resync["prod"].schedule_expression == "rate(5 minutes)" && aws_scheduler_schedule.resync["quick"].schedule_expression == "rate(1 minute)"
    error_message = "each cluster has a schedule of its own"
  }

  assert {
    condition     = jsondecode(aws_scheduler_schedule.resync["prod"].target[0].input) == { cluster = "prod" }
    error_message = "a schedule names its cluster"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.cluster["prod not looked at"].period == 600 && aws_cloudwatch_metric_alarm.cluster["prod not looked at"].treat_missing_data == "breaching"
    error_message = "no pass for two periods must raise an alarm"
  }

  assert {
    condition     = aws_eks_access_entry.reconcile["prod"].cluster_name == "media" && aws_eks_access_entry.reconcile["prod"].kubernetes_groups == toset(["stunner-serverless"])
    error_message = "reconcile is let into the cluster by a group"
  }

  assert {
    condition     = aws_sqs_queue.passes.visibility_timeout_seconds == 150 && aws_sqs_queue.looks.delay_seconds == 5
    error_message = "messages stay hidden while a pass runs, and second looks come late"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.store.block_public_policy && aws_s3_bucket_versioning.store.versioning_configuration[0].status == "Enabled"
    error_message = "the bucket is private and versioned"
  }

  assert {
    condition     = length(aws_apigatewayv2_stage.this.access_log_settings) == 0 && length(aws_cloudwatch_log_group.requests) == 0
    error_message = "requests are not logged unless asked for"
  }

  assert {
    condition     = length(aws_lambda_function.this["reconcile"].vpc_config) == 0 && length(aws_acm_certificate.this) == 0 && length(aws_budgets_budget.this) == 0
    error_message = "nothing optional is made"
  }
}

run "request_log_without_paths" {
  variables {
    request_log = true
  }

  assert {
    condition = alltrue([for word in ["$context.path", "rawPath", "$context.authorizer", "querystring", "header"] :
      !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, word)
    ])
    error_message = "event tokens are part of paths: a request log must not hold them"
  }
}

run "own_key" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/1234"
  }

  assert {
    condition = alltrue([
      aws_sqs_queue.passes.kms_master_key_id == "arn:aws:kms:eu-central-1:123456789012:key/1234",
      one(aws_s3_bucket_server_side_encryption_configuration.store.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms",
      alltrue([for group in aws_cloudwatch_log_group.function : group.kms_key_id != null]),
    ])
    error_message = "everything at rest is encrypted by the key"
  }

  assert {
    condition = alltrue([for name, policy in output.policies :
      contains(flatten([for one in jsondecode(policy).Statement : one.Action]), "kms:Decrypt")
    ])
    error_message = "every function reads what the key encrypts"
  }
}

run "vpc" {
  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = length(aws_lambda_function.this["reconcile"].vpc_config) == 1 && length(aws_lambda_function.this["cds"].vpc_config) == 0
    error_message = "only reconcile talks to API servers"
  }

  assert {
    condition     = contains(flatten([for one in jsondecode(output.policies.reconcile).Statement : one.Action]), "ec2:CreateNetworkInterface") && !strcontains(output.policies.cds, "ec2:")
    error_message = "only a function in a VPC makes network interfaces"
  }
}

run "domain_with_own_certificate" {
  variables {
    domain = { name = "stunner.example.com", zone_id = "Z1" }
  }

  override_resource {
    target = aws_acm_certificate.this
    values = {
      domain_validation_options = [{ domain_name = "stunner.example.com", resource_record_name = "_x.stunner.example.com", resource_record_type = "CNAME", resource_record_value = "_y.acm" }]
    }
  }

  override_resource {
    target = aws_apigatewayv2_domain_name.this
    values = { domain_name_configuration = { target_domain_name = "d-1.execute-api.eu-central-1.amazonaws.com", hosted_zone_id = "Z2" } }
  }

  assert {
    condition     = output.url == "https://stunner.example.com" && output.environments.cds.STUNNER_CDS_URL == "https://stunner.example.com"
    error_message = "pods are told the domain"
  }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "the other address is shut"
  }
}

run "without_credentials" {
  variables {
    credentials = false
  }

  assert {
    condition     = !contains(keys(output.function_names), "credentials") && output.api_keys_secret_arn == null && length([for key in keys(aws_apigatewayv2_route.this) : key if strcontains(key, "ice")]) == 0
    error_message = "nothing is made of the credential service"
  }
}

run "list_kept_elsewhere" {
  variables {
    clusters     = {}
    clusters_key = "settings/mine.json"
  }

  assert {
    condition     = length(aws_s3_object.clusters) == 0 && output.environments.resync.STUNNER_CLUSTERS == "settings/mine.json" && jsondecode(aws_scheduler_schedule.resync["all"].target[0].input) == {}
    error_message = "the list stays whose it is, and all of it is resynced"
  }
}

run "audit_events" {
  variables {
    clusters = { prod = { server = "https://ABC.gr7.eu-central-1.eks.amazonaws.com", audit_events = true } }
  }

  assert {
    condition     = aws_cloudwatch_log_subscription_filter.audit["prod"].log_group_name == "/aws/eks/prod/cluster" && aws_lambda_permission.audit["prod"].source_account == "123456789012"
    error_message = "the cluster's own log may call event, and no other"
  }
}

run "budget" {
  variables {
    monthly_budget = { dollars = 20, emails = ["ops@example.com"] }
  }

  assert {
    condition     = one(one(aws_budgets_budget.this[0].cost_filter).values) == "user:stunner-serverless$stunner"
    error_message = "a budget counts what has our tag"
  }
}

run "refuses_a_bad_name" {
  command = plan
  variables {
    name = "Stunner_1"
  }
  expect_failures = [var.name]
}

run "refuses_a_bad_server" {
  command = plan
  variables {
    clusters = { prod = { server = "http://10.0.0.1" } }
  }
  expect_failures = [var.clusters]
}

run "refuses_a_bad_word" {
  command = plan
  variables {
    clusters = { prod = { server = "https://a", drift = "ignore" } }
  }
  expect_failures = [var.clusters]
}

run "refuses_a_long_timeout_behind_http" {
  command = plan
  variables {
    functions = { cds = { timeout = 60 } }
  }
  expect_failures = [var.functions]
}

run "refuses_a_domain_without_certificate" {
  command = plan
  variables {
    domain = { name = "stunner.example.com" }
  }
  expect_failures = [var.domain]
}

run "refuses_a_key_of_another_place" {
  command = plan
  variables {
    clusters_key = "clusters/prod/index.json"
  }
  expect_failures = [var.clusters_key]
}

run "refuses_other_bounds" {
  command = plan
  variables {
    log_retention_days = 10
    reconciles_at_once = 1
    keep_versions_days = 0
    runtime            = "nodejs18.x"
    log_level          = "error"
    kms_key_arn        = "alias/mine"
    vpc                = { subnet_ids = [], security_group_ids = [] }
    monthly_budget     = { dollars = 0, emails = [] }
    request_limits     = { cds = { rate = 0 } }
  }
  expect_failures = [
    var.log_retention_days, var.reconciles_at_once, var.keep_versions_days, var.runtime, var.log_level,
    var.kms_key_arn, var.vpc, var.monthly_budget, var.request_limits,
  ]
}
