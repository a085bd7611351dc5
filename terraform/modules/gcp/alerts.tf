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
    { for name in local.function_names : "errors of ${name}" => {
      filter    = "${local.of_service}=\"${var.name}-${name}\" AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
      threshold = name == "cds" ? 5 : 10, period = 300
      text      = name == "cds" ? "Pods ask for their configuration and get errors. They run on with the one they have." : "${var.name}-${name} answers with errors: its log says why."
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

resource "google_monitoring_alert_policy" "not_looked_at" {
  for_each = var.clusters

  project               = var.project
  display_name          = "${var.name}: ${each.key} not looked at"
  combiner              = "OR"
  notification_channels = var.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "no pass for two periods"

    condition_absent {
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"${local.namespace}-passes\" AND metric.labels.cluster=\"${each.key}\""
      duration = "${max(120, 2 * each.value.resync_minutes * 60)}s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = "No pass over the cluster ${each.key} for two periods: what is served is the last good configuration."
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.pass]
}
