# Named tasks are what folds events (docs/decisions/0012). A task may find its cluster's lease held, and is tried again; its
# retries must not end, since its name stays taken.
resource "google_cloud_tasks_queue" "passes" {
  project  = var.project
  location = var.region
  name     = "${var.name}-passes"

  rate_limits {
    max_concurrent_dispatches = var.reconciles_at_once
    max_dispatches_per_second = 50
  }

  retry_config {
    max_attempts  = -1
    min_backoff   = "1s"
    max_backoff   = "60s"
    max_doublings = 6
  }

  depends_on = [google_project_service.this]
}

locals {
  # One job per cluster; of a list that is kept elsewhere one for all.
  jobs = merge(
    { for name, one in var.clusters : name => { minutes = one.resync_minutes, path = "/${name}" } },
    var.clusters_key == null ? {} : { all = { minutes = 5, path = "/" } },
  )
}

resource "google_cloud_scheduler_job" "resync" {
  for_each = local.jobs

  project          = var.project
  region           = var.region
  name             = "${var.name}-resync-${each.key}"
  description      = "Looks at everything of ${each.key} again"
  schedule         = each.value.minutes == 60 ? "0 * * * *" : "*/${each.value.minutes} * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${max(15, var.functions.resync.timeout)}s"

  http_target {
    http_method = "POST"
    uri         = "${local.urls.resync}${each.value.path}"

    oidc_token {
      service_account_email = google_service_account.this["timer"].email
      audience              = local.urls.resync
    }
  }

  # The next one comes soon.
  retry_config {
    retry_count = 2
  }

  depends_on = [google_cloud_run_service_iam_member.invoker]
}
