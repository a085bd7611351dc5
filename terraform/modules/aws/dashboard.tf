locals {
  widgets = [
    {
      title = "Passes by cluster"
      metrics = [for query in ["Passes", "FailedPasses"] :
        [{ expression = "SEARCH('{\"${local.namespace}\",cluster} MetricName=\"${query}\"', 'Sum')", label = "${query} $${PROP('Dim.cluster')}" }]
      ]
    },
    {
      title = "Drift and configurations held"
      metrics = [for query in ["Drift", "Held"] :
        [{ expression = "SEARCH('{\"${local.namespace}\",cluster} MetricName=\"${query}\"', 'Maximum')", label = "${query} $${PROP('Dim.cluster')}" }]
      ]
    },
    { title = "Calls", metrics = [for name in local.function_names : ["AWS/Lambda", "Invocations", "FunctionName", "${var.name}-${name}", { stat = "Sum" }]] },
    { title = "Errors", metrics = [for name in local.function_names : ["AWS/Lambda", "Errors", "FunctionName", "${var.name}-${name}", { stat = "Sum" }]] },
    { title = "Duration, 95 %", metrics = [for name in local.function_names : ["AWS/Lambda", "Duration", "FunctionName", "${var.name}-${name}", { stat = "p95" }]] },
    { title = "At once", metrics = [for name in local.function_names : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", "${var.name}-${name}", { stat = "Maximum" }]] },
    {
      title = "Waiting messages"
      metrics = concat(
        [for key, name in local.queue_names : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { stat = "Maximum" }]],
        [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.queue_names.passes, { stat = "Maximum", yAxis = "right" }]],
      )
    },
    {
      title   = "Requests"
      metrics = [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", aws_apigatewayv2_api.this.id, { stat = "Sum" }]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for index, widget in local.widgets : {
      type       = "metric"
      x          = 12 * (index % 2)
      y          = 6 * floor(index / 2)
      width      = 12
      height     = 6
      properties = { title = widget.title, metrics = widget.metrics, region = local.region, period = 300, view = "timeSeries" }
    }]
  })
}
