locals {
  # docs/decisions/0014: one HTTP API for all that is asked for over HTTP.
  routes = merge(
    {
      event = {
        "POST /v1/clusters/{cluster}/events/{token}" = "event"
      }
      cds = {
        "GET /c/{cluster}/api/v1/configs"                    = "cds"
        "GET /c/{cluster}/api/v1/configs/{namespace}"        = "cds"
        "GET /c/{cluster}/api/v1/configs/{namespace}/{name}" = "cds"
      }
    },
    var.credentials ? {
      # A route cannot end in a slash, other than the first: clients on AWS leave it out.
      credentials = {
        "GET /"                    = "credentials"
        "GET /ice"                 = "credentials"
        "OPTIONS /"                = "credentials"
        "OPTIONS /ice"             = "credentials"
        "GET /c/{cluster}"         = "credentials"
        "GET /c/{cluster}/ice"     = "credentials"
        "OPTIONS /c/{cluster}"     = "credentials"
        "OPTIONS /c/{cluster}/ice" = "credentials"
      }
    } : {},
  )
  route_functions = merge(values(local.routes)...)
}

resource "aws_apigatewayv2_api" "this" {
  name                         = var.name
  description                  = "stunner-serverless: events, configurations, credentials"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = var.domain != null
  tags                         = local.tags
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = local.routes

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.this[each.key].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = var.functions[each.key].timeout * 1000 + 1000
}

resource "aws_apigatewayv2_route" "this" {
  # checkov:skip=CKV_AWS_309: the functions themselves let in who has a token or key (docs/security.md); webhooks can send nothing else
  for_each = local.route_functions

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"
  authorization_type = "NONE"
}

resource "aws_apigatewayv2_stage" "this" {
  # checkov:skip=CKV_AWS_76: a request log is a setting, and never holds paths: event tokens are part of them
  # checkov:skip=CKV2_AWS_51: clients have tokens; a webhook of a managed API server has no client certificate
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = local.tags

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = 50
    throttling_burst_limit   = 100
  }

  dynamic "route_settings" {
    for_each = local.route_functions

    content {
      route_key                = route_settings.key
      detailed_metrics_enabled = true
      throttling_rate_limit    = var.request_limits[route_settings.value].rate
      throttling_burst_limit   = var.request_limits[route_settings.value].burst
    }
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.requests

    content {
      destination_arn = access_log_settings.value.arn
      # The route as it is written above: never $context.path, and no header.
      format = jsonencode({
        requestId = "$context.requestId"
        time      = "$context.requestTime"
        route     = "$context.routeKey"
        status    = "$context.status"
        latency   = "$context.responseLatency"
        bytes     = "$context.responseLength"
        error     = "$context.integrationErrorMessage"
      })
    }
  }

  # A setting of a route that is not there yet is refused.
  depends_on = [aws_apigatewayv2_route.this]
}

resource "aws_cloudwatch_log_group" "requests" {
  # checkov:skip=CKV_AWS_158: encrypted by CloudWatch's own keys unless kms_key_arn names one
  # checkov:skip=CKV_AWS_338: how long is a setting
  count = var.request_log ? 1 : 0

  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_lambda_permission" "api" {
  for_each = local.routes

  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}
