locals {
  charts = concat(
    [for title, metric in { "Passes by cluster" = "passes", "Failed passes" = "failed-passes", "Drift" = "drift", "Passes with configurations held" = "held" } : {
      title                                     = title
      filter                                    = "resource.type=\"cloud_run_revision\" AND metric.type=\"${local.namespace}-${metric}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.cluster"]
    }],
    [for one in [
      { title = "Requests", metric = "run.googleapis.com/request_count", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.response_code_class"] },
      { title = "Latency, 95 %", metric = "run.googleapis.com/request_latencies", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = ["resource.label.service_name"] },
      { title = "Instances", metric = "run.googleapis.com/container/instance_count", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.service_name"] },
      ] : merge(one, {
        filter = "resource.type=\"cloud_run_revision\" AND resource.label.service_name=starts_with(\"${var.name}-\") AND metric.type=\"${one.metric}\""
    })],
    [{
      title  = "Waiting tasks"
      filter = "resource.type=\"cloud_tasks_queue\" AND resource.label.queue_id=\"${var.name}-passes\" AND metric.type=\"cloudtasks.googleapis.com/queue/depth\"", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = []
    }],
  )
}

resource "google_monitoring_dashboard" "this" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 12
      tiles = [for index, chart in local.charts : {
        xPos   = 6 * (index % 2)
        yPos   = 4 * floor(index / 2)
        width  = 6
        height = 4
        widget = {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "LINE"
              timeSeriesQuery = { timeSeriesFilter = {
                filter      = chart.filter
                aggregation = { alignmentPeriod = "300s", perSeriesAligner = chart.aligner, crossSeriesReducer = chart.reducer, groupByFields = chart.by }
              } }
            }]
          }
        }
      }]
    }
  })

  depends_on = [google_logging_metric.pass]
}

resource "google_billing_budget" "this" {
  count = var.monthly_budget == null ? 0 : 1

  billing_account = var.monthly_budget.billing_account
  display_name    = var.name

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
    labels   = { stunner-serverless = var.name }
  }

  amount {
    specified_amount {
      units = tostring(floor(var.monthly_budget.amount))
    }
  }

  threshold_rules {
    threshold_percent = 0.8
  }

  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }
}
