data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  tags      = merge(var.tags, { stunner-serverless = var.name })

  # Names are known before anything is made, so that policies can name what they are for, and no more.
  bucket        = coalesce(var.bucket_name, "${var.name}-${local.account}-${local.region}")
  bucket_arn    = "arn:${local.partition}:s3:::${local.bucket}"
  queue_prefix  = "arn:${local.partition}:sqs:${local.region}:${local.account}"
  queue_arns    = { for key, name in local.queue_names : key => "${local.queue_prefix}:${name}" }
  function_arns = { for name in local.function_names : name => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}-${name}" }
  log_groups    = { for name in local.function_names : name => "/aws/lambda/${var.name}-${name}" }

  queue_names = {
    passes = "${var.name}-passes.fifo"
    looks  = "${var.name}-looks.fifo"
    dead   = "${var.name}-dead.fifo"
  }

  function_names = concat(["event", "reconcile", "resync", "cds"], var.credentials ? ["credentials"] : [])

  # The list of clusters is an object of the store: variables of a function hold 4 KB, and a change needs no new version.
  clusters_key = coalesce(var.clusters_key, "settings/clusters.json")
  cds_url      = var.domain == null ? aws_apigatewayv2_api.this.api_endpoint : "https://${var.domain.name}"

  cluster_entries = [for name, one in var.clusters : { for key, value in {
    name = name
    connect = { for key, value in {
      type    = "eks"
      server  = one.server
      ca      = one.ca
      cluster = coalesce(one.eks_cluster, name)
      region  = coalesce(one.region, local.region)
    } : key => value if value != null }
    eventToken        = random_password.event_token[name].result
    delivery          = "pull"
    mode              = one.mode
    controllerName    = one.controller_name
    endpointDiscovery = one.endpoint_discovery
    onInvalid         = one.on_invalid
    referenceGrants   = one.reference_grants
    certificates      = one.certificates
    drift             = one.drift
    admission         = one.admission
    labelFilter       = one.label_filter
    pollInterval      = one.poll_interval
  } : key => value if value != null }]
}

# Lets the cluster's webhook send hints, and nothing else. It is part of the webhook's URL, so whoever may read that knows it.
resource "random_password" "event_token" {
  for_each = var.clusters

  length  = 43
  special = false
}
