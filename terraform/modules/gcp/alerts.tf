locals {
  of_service = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name"

  # Aligned sums of something that counts.
  counted = merge(
    { for name, one in var.clusters : "${name} passes fail" => {
      filter    = "resource.type=\"cloud_run_revision\" AND metric.type=\"${local.namespace}-failed-passes\" AND metric.labels.cluster=\"${name}\""
      threshold = 2, period = 900
      text      = "Passes over the cluster ${name} fail, or the brake for mass deletions stopped one: the log of reconcile says why."
    } },
    { for name, one in var.clusters : "${name} drift" => {
      filter    = "resource.type=\"cloud_run_revision\" AND metric.type=\"${local.namespace}-drift\" AND metric.labels.cluster=\"${name}\""
      threshold = 0, period = 300
      text      = "Another hand changed objects of ours in the cluster ${name}."
    } },
    { "tasks fail" = {
      filter    = "resource.type=\"cloud_tasks_queue\" AND resource.labels.queue_id=\"${var.name}-passes\" AND metric.type=\"cloudtasks.googleapis.com/queue/task_attempt_count\" AND metric.labels.response_code!=\"200\" AND metric.labels.response_code!=\"204\""
      threshold = 30, period = 900
      text      = "Tasks are tried again and again. Cloud Tasks puts none aside: the next resync passes anyway; the log of reconcile says why these fail."
    } },
    local.is_audited ? { "audit events put aside" = {
      filter    = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${var.name}-audit\" AND metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\""
      threshold = 0, period = 300
      text      = "Audit events could not be passed on ten times and lie in ${var.name}-audit-dead. The timer finds what they told; the log of audit says why."
    } } : {},
  )
}

resource "google_monitoring_alert_policy" "counted" {
  for_each = local.counted

  project               = var.project
  display_name          = "${var.name}: ${each.key}"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = each.key

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = "0s"

      aggregations {
        alignment_period     = "${each.value.period}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = each.value.text
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.pass]
}

# A part of all answers, so that it means the same for one cluster and for a thousand; and a floor, since one of two is 50 %. Calls
# that are too few for the floor are those of the timer, which the next alert is for.
resource "google_monitoring_alert_policy" "errors" {
  for_each = { for name in local.function_names : name => {
    answers = "${local.of_service}=\"${var.name}-${name}\" AND metric.type=\"run.googleapis.com/request_count\""
    percent = name == "cds" ? var.error_alerts.cds_percent : var.error_alerts.percent
  } }

  project               = var.project
  display_name          = "${var.name}: errors of ${each.key}"
  combiner              = "AND"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "5xx: more than ${each.value.percent} % of all answers"

    condition_threshold {
      filter             = "${each.value.answers} AND metric.labels.response_code_class=\"5xx\""
      denominator_filter = each.value.answers
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.percent / 100
      duration           = "0s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }

      denominator_aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "5xx: at least ${var.error_alerts.least}"

    condition_threshold {
      filter          = "${each.value.answers} AND metric.labels.response_code_class=\"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.error_alerts.least - 1
      duration        = "0s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = each.key == "cds" ? "Pods ask for their configuration and get errors. They run on with the one they have." : "${var.name}-${each.key} answers with errors: its log says why."
    mime_type = "text/markdown"
  }
}

locals {
  # Of a list that is kept elsewhere the names are not known here: only that nothing at all is looked at.
  looked_at = merge(
    { for name, one in var.clusters : name => { minutes = one.resync_minutes, labels = ", cluster=\"${name}\"", what = "the cluster ${name}" } },
    var.clusters_key == null ? {} : { all = { minutes = local.jobs.all.minutes, labels = "", what = "any cluster" } },
  )

  # As PromQL has it: the first / becomes a colon, all that is neither letter nor digit an underscore.
  passes = "logging_googleapis_com:user_${replace(var.name, "-", "_")}_passes"
}

# In PromQL, since condition_absent asks for a time series that has been there, and a cluster that no pass ever looked at has none.
resource "google_monitoring_alert_policy" "not_looked_at" {
  for_each = local.looked_at

  project               = var.project
  display_name          = "${var.name}: ${each.key} not looked at"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "no pass for two periods"

    condition_prometheus_query_language {
      # None in a period, for a period. Metrics of logs come minutes late, so below five it would be true between any two.
      query                     = "absent_over_time(${local.passes}{monitored_resource=\"cloud_run_revision\"${each.value.labels}}[${max(5, each.value.minutes)}m])"
      duration                  = "${60 * max(5, each.value.minutes)}s"
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    content   = "No pass over ${each.value.what} for two periods: what is served is the last good configuration."
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.pass]
}
