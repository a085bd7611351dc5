locals {
  # As an EKS cluster's API knows them: no region but that of the provider.
  access_entries = { for name, one in var.clusters : name => coalesce(one.eks_cluster, name) if one.access_entry && coalesce(one.region, local.region) == local.region }
  audit_logs     = { for name, one in var.clusters : name => coalesce(one.eks_cluster, name) if one.audit_events }
}

# Who signs the token is a user of this group in the cluster, to which modules/cluster gives the rights.
resource "aws_eks_access_entry" "reconcile" {
  for_each = local.access_entries

  cluster_name      = each.value
  principal_arn     = aws_iam_role.function["reconcile"].arn
  kubernetes_groups = ["stunner-serverless"]
  type              = "STANDARD"
  tags              = local.tags
}

# Writes to what we look at; reads and leases are most of an audit log, and stay where they are.
resource "aws_cloudwatch_log_subscription_filter" "audit" {
  for_each = local.audit_logs

  name            = "${var.name}-${each.key}"
  log_group_name  = "/aws/eks/${each.value}/cluster"
  destination_arn = aws_lambda_function.this["event"].arn
  filter_pattern = join(" ", [
    "{ ($.stage = \"ResponseComplete\") && ($.verb = \"create\" || $.verb = \"update\" || $.verb = \"patch\" || $.verb = \"delete\") &&",
    "($.objectRef.apiGroup = \"gateway.networking.k8s.io\" || $.objectRef.apiGroup = \"stunner.l7mp.io\" ||",
    "$.objectRef.resource = \"services\" || $.objectRef.resource = \"endpointslices\") }",
  ])

  depends_on = [aws_lambda_permission.audit]
}

resource "aws_lambda_permission" "audit" {
  for_each = local.audit_logs

  statement_id   = "audit-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this["event"].function_name
  principal      = "logs.amazonaws.com"
  source_arn     = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/eks/${each.value}/cluster:*"
  source_account = local.account
}
