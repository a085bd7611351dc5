locals {
  services  = join(" OR ", [for name in local.function_names : "\"${var.name}-${name}\""])
  ours      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${local.services})"
  requests  = "logName=\"projects/${var.project}/logs/run.googleapis.com%2Frequests\""
  namespace = "logging.googleapis.com/user/${var.name}"

  # Each pass tells of itself in one line of JSON (shared/serverless/tell-pass.ts).
  pass_metrics = {
    passes        = "jsonPayload.message=\"pass\" AND jsonPayload.outcome=(\"done\" OR \"incomplete\")"
    failed-passes = "jsonPayload.message=\"pass\" AND jsonPayload.outcome=(\"failed\" OR \"stopped\")"
    drift         = "jsonPayload.message=\"pass\" AND jsonPayload.drift>0"
    held          = "jsonPayload.message=\"pass\" AND jsonPayload.held>0"
  }
}

# Cloud Run logs every request with its whole URL, and event tokens are part of a URL: these entries are kept nowhere. Sinks of a
# folder or an organization are not ours to change.
resource "google_logging_project_exclusion" "requests" {
  project     = var.project
  name        = "${var.name}-requests"
  description = "Requests of stunner-serverless, whose URLs hold tokens"
  filter      = "${local.ours} AND ${local.requests}"
}

# What functions say, for as long as log_retention_days says; _Default has it too, for its own time.
resource "google_logging_project_bucket_config" "this" {
  project        = var.project
  location       = var.region
  bucket_id      = var.name
  description    = "What the functions of stunner-serverless say"
  retention_days = var.log_retention_days

  depends_on = [google_project_service.this]
}

resource "google_logging_project_sink" "this" {
  project                = var.project
  name                   = var.name
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.this.id}"
  filter                 = "${local.ours} AND NOT ${local.requests}"
  unique_writer_identity = true
}

resource "google_logging_metric" "pass" {
  for_each = local.pass_metrics

  project = var.project
  name    = "${var.name}-${each.key}"
  filter  = "${local.of_service}=\"${var.name}-reconcile\" AND ${each.value}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    labels {
      key        = "cluster"
      value_type = "STRING"
    }
  }

  label_extractors = { cluster = "EXTRACT(jsonPayload.cluster)" }
}
