locals {
  namespace = "StunnerServerless/${var.name}"

  # Each pass tells of itself in one line of JSON (shared/serverless/tell-pass.ts).
  pass_metrics = {
    Passes       = { pattern = "{ $.message = \"pass\" && ($.outcome = \"done\" || $.outcome = \"incomplete\") && $.cluster = * }", value = "1" }
    FailedPasses = { pattern = "{ $.message = \"pass\" && ($.outcome = \"failed\" || $.outcome = \"stopped\") && $.cluster = * }", value = "1" }
    Drift        = { pattern = "{ $.message = \"pass\" && $.drift > 0 && $.cluster = * }", value = "$.drift" }
    Held         = { pattern = "{ $.message = \"pass\" && $.held > 0 && $.cluster = * }", value = "$.held" }
  }

  alarm_actions = { alarm_actions = var.alarm_topic_arns, ok_actions = var.alarm_topic_arns }

  # What is counted for each cluster; of those of clusters_key the names are not known here.
  cluster_alarms = merge(flatten([for name, one in var.clusters : [
    { "${name} not looked at" = {
      cluster     = name, metric = "Passes", comparison = "LessThanThreshold", threshold = 1, period = 2 * one.resync_minutes * 60, missing = "breaching"
      description = "No pass over the cluster ${name} for two periods: what is served is the last good configuration."
    } },
    { "${name} passes fail" = {
      cluster     = name, metric = "FailedPasses", comparison = "GreaterThanThreshold", threshold = 2, period = 900, missing = "notBreaching"
      description = "Passes over the cluster ${name} fail, or the brake for mass deletions stopped one: the log of reconcile says why."
    } },
    { "${name} drift" = {
      cluster     = name, metric = "Drift", comparison = "GreaterThanThreshold", threshold = 0, period = 300, missing = "notBreaching"
      description = "Another hand changed objects of ours in the cluster ${name}."
    } },
  ]])...)
}

resource "aws_cloudwatch_log_metric_filter" "pass" {
  for_each = local.pass_metrics

  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.function["reconcile"].name
  pattern        = each.value.pattern

  metric_transformation {
    name       = each.key
    namespace  = local.namespace
    value      = each.value.value
    dimensions = { cluster = "$.cluster" }
  }
}

resource "aws_cloudwatch_metric_alarm" "cluster" {
  for_each = local.cluster_alarms

  alarm_name          = "${var.name}: ${each.key}"
  alarm_description   = each.value.description
  namespace           = local.namespace
  metric_name         = each.value.metric
  dimensions          = { cluster = each.value.cluster }
  statistic           = "Sum"
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = 1
  treat_missing_data  = each.value.missing
  alarm_actions       = local.alarm_actions.alarm_actions
  ok_actions          = local.alarm_actions.ok_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.name}: dead letters"
  alarm_description   = "Messages were put aside after ${local.receives} tries. The next resync passes anyway; the log of reconcile says why these failed."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions.alarm_actions
  ok_actions          = local.alarm_actions.ok_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = toset(local.function_names)

  alarm_name          = "${var.name}: errors of ${each.key}"
  alarm_description   = "More than 5 % of the calls of ${var.name}-${each.key} end in an error, or time out."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions.alarm_actions
  ok_actions          = local.alarm_actions.ok_actions
  tags                = local.tags

  metric_query {
    id          = "rate"
    label       = "errors in %"
    expression  = "100 * errors / calls"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { errors = "Errors", calls = "Invocations" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/Lambda"
        metric_name = metric_query.value
        dimensions  = { FunctionName = aws_lambda_function.this[each.key].function_name }
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

# Pods run on with what they have, but get nothing new.
resource "aws_cloudwatch_metric_alarm" "cds" {
  alarm_name          = "${var.name}: CDS 5xx"
  alarm_description   = "Pods ask for their configuration and get errors. They run on with the one they have."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions.alarm_actions
  ok_actions          = local.alarm_actions.ok_actions
  tags                = local.tags

  metric_query {
    id          = "rate"
    label       = "5xx in %"
    expression  = "100 * bad / all"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { bad = "5xx", all = "Count" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApiGateway"
        metric_name = metric_query.value
        dimensions = {
          ApiId    = aws_apigatewayv2_api.this.id
          Stage    = aws_apigatewayv2_stage.this.name
          Method   = "GET"
          Resource = "/c/{cluster}/api/v1/configs/{namespace}/{name}"
        }
        stat   = "Sum"
        period = 60
      }
    }
  }
}
