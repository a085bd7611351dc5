mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456" }
  }
  mock_resource "google_service_account" {
    defaults = {
      email = "made@media.iam.gserviceaccount.com"
      name  = "projects/media/serviceAccounts/made@media.iam.gserviceaccount.com"
      id    = "projects/media/serviceAccounts/made@media.iam.gserviceaccount.com"
    }
  }
  mock_resource "google_secret_manager_secret" {
    defaults = { id = "projects/media/secrets/made" }
  }
}

mock_provider "random" {
  mock_resource "random_password" {
    defaults = { result = "a-token-of-forty-three-characters-0123456789" }
  }
}

variables {
  project = "media"
  region  = "europe-west3"
  packages = {
    event       = "tests/package.zip"
    reconcile   = "tests/package.zip"
    resync      = "tests/package.zip"
    cds         = "tests/package.zip"
    credentials = "tests/package.zip"
  }
  clusters = {
    prod  = { server = "https://10.0.0.2", ca = "PEM", drift = "report" }
    quick = { server = "https://gke-1.europe-west3.gke.goog", resync_minutes = 60, delivery = "pull" }
  }
}

run "defaults" {
  assert {
    condition = jsondecode(google_storage_bucket_object.clusters[0].content) == [
      { name = "prod", connect = { type = "gke", server = "https://10.0.0.2", ca = "PEM" }, eventToken = "a-token-of-forty-three-characters-0123456789", delivery = "proxy", drift = "report" },
      { name = "quick", connect = { type = "gke", server = "https://gke-1.europe-west3.gke.goog" }, eventToken = "a-token-of-forty-three-characters-0123456789", delivery = "pull" },
    ]
    error_message = "the list of clusters is not what shared/settings/clusters.ts reads"
  }

  assert {
    condition = output.environments.reconcile == {
      STUNNER_STORE             = "gs://stunner-media-europe-west3"
      STUNNER_CLUSTERS          = "settings/clusters.json"
      STUNNER_CDS_URL           = "https://stunner-cds-123456.europe-west3.run.app"
      STUNNER_DELIVERY          = "proxy"
      STUNNER_LOG_LEVEL         = "info"
      STUNNER_QUEUE_URL         = "projects/media/locations/europe-west3/queues/stunner-passes"
      STUNNER_RECONCILE_URL     = "https://stunner-reconcile-123456.europe-west3.run.app"
      STUNNER_QUEUE_ACCOUNT     = "made@media.iam.gserviceaccount.com"
      STUNNER_TOKEN_KEYS_SECRET = "projects/media/secrets/made"
    }
    error_message = "the variables of reconcile are others"
  }

  assert {
    condition     = !contains(keys(output.environments.resync), "STUNNER_TOKEN_KEYS_SECRET") && !contains(keys(output.environments.cds), "STUNNER_QUEUE_URL")
    error_message = "a function is told only what it uses"
  }

  assert {
    condition     = [for name, one in google_cloud_run_service_iam_member.invoker : name if one.member == "allUsers"] == ["cds", "credentials", "event"]
    error_message = "reconcile and resync are called by Google alone"
  }

  assert {
    condition     = keys(google_storage_bucket_iam_member.write) == ["reconcile", "resync"] && strcontains(google_storage_bucket_iam_member.write["resync"].condition[0].expression, "/start.json")
    error_message = "cds, event and credentials write nothing, resync only start numbers"
  }

  assert {
    condition     = keys(google_secret_manager_secret_iam_member.read) == ["api_keys credentials", "token_keys cds", "token_keys credentials", "token_keys event", "token_keys reconcile"]
    error_message = "each secret is read by who needs it"
  }

  assert {
    condition     = google_cloud_tasks_queue.passes.retry_config[0].max_attempts == -1
    error_message = "retries must not end (docs/decisions/0012)"
  }

  assert {
    condition     = google_cloud_scheduler_job.resync["prod"].schedule == "*/5 * * * *" && google_cloud_scheduler_job.resync["quick"].schedule == "0 * * * *" && google_cloud_scheduler_job.resync["prod"].http_target[0].uri == "https://stunner-resync-123456.europe-west3.run.app/prod"
    error_message = "each cluster has a job of its own"
  }

  assert {
    condition     = google_monitoring_alert_policy.not_looked_at["prod"].conditions[0].condition_absent[0].duration == "600s"
    error_message = "no pass for two periods must raise an alert"
  }

  assert {
    condition     = google_cloudfunctions2_function.this["cds"].service_config[0].timeout_seconds == 3600 && google_cloudfunctions2_function.this["reconcile"].service_config[0].max_instance_request_concurrency == 1
    error_message = "watches last, and a pass has an instance for itself"
  }

  assert {
    condition     = google_storage_bucket.store.public_access_prevention == "enforced" && google_storage_bucket.store.versioning[0].enabled
    error_message = "the bucket is private and versioned"
  }

  assert {
    condition     = google_project_iam_custom_role.connect[0].permissions == toset(["container.clusters.connect"])
    error_message = "an API server of gke.goog asks for the right to connect"
  }
}

run "requests_are_kept_nowhere" {
  assert {
    condition     = endswith(google_logging_project_sink.this.filter, "AND NOT logName=\"projects/media/logs/run.googleapis.com%2Frequests\"")
    error_message = "Cloud Run's request log holds event tokens"
  }

  assert {
    condition = alltrue([for name in ["event", "cds", "credentials", "reconcile", "resync"] :
      strcontains(google_logging_project_exclusion.requests.filter, "\"stunner-${name}\"")
    ]) && endswith(google_logging_project_exclusion.requests.filter, "AND logName=\"projects/media/logs/run.googleapis.com%2Frequests\"")
    error_message = "_Default keeps none of them"
  }
}

run "own_key" {
  variables {
    kms_key_name = "projects/media/locations/europe-west3/keyRings/r/cryptoKeys/k"
  }

  assert {
    condition     = google_storage_bucket.store.encryption[0].default_kms_key_name == var.kms_key_name && google_secret_manager_secret.this["token_keys"].replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key_name
    error_message = "store and secrets are encrypted by the key"
  }
}

run "audit_events" {
  variables {
    clusters = { prod = { server = "https://10.0.0.2", gke = "projects/other/locations/europe-west3/clusters/c", audit_events = true } }
  }

  assert {
    condition     = google_pubsub_subscription.audit["prod"].push_config[0].push_endpoint == "https://stunner-event-123456.europe-west3.run.app/v1/clusters/prod/events/a-token-of-forty-three-characters-0123456789"
    error_message = "the audit log comes where the webhook comes"
  }

  assert {
    condition     = google_logging_project_sink.audit["prod"].project == "other" && length(google_project_iam_custom_role.connect) == 0
    error_message = "the log is where the cluster is"
  }
}

run "domain" {
  variables {
    domain = "stunner.example.com"
  }

  assert {
    condition     = output.url == "https://stunner.example.com" && output.environments.cds.STUNNER_CDS_URL == "https://stunner.example.com" && output.environments.event.STUNNER_RECONCILE_URL == "https://stunner-reconcile-123456.europe-west3.run.app"
    error_message = "pods and webhooks are told the domain, Google the function itself"
  }

  assert {
    condition     = alltrue([for one in google_compute_backend_service.this : !one.log_config[0].enable])
    error_message = "a load balancer's request log holds event tokens"
  }
}

run "private" {
  variables {
    vpc_connector = "projects/media/locations/europe-west3/connectors/c"
  }

  assert {
    condition     = google_cloudfunctions2_function.this["reconcile"].service_config[0].vpc_connector == var.vpc_connector && google_cloudfunctions2_function.this["cds"].service_config[0].vpc_connector == null
    error_message = "only reconcile talks to API servers"
  }
}

run "without_credentials" {
  variables {
    credentials = false
  }

  assert {
    condition     = !contains(keys(output.urls), "credentials") && !contains(keys(output.secrets), "api_keys")
    error_message = "nothing is made of the credential service"
  }
}

run "list_kept_elsewhere" {
  variables {
    clusters     = {}
    clusters_key = "settings/mine.json"
  }

  assert {
    condition     = length(google_storage_bucket_object.clusters) == 0 && output.environments.resync.STUNNER_CLUSTERS == "settings/mine.json" && google_cloud_scheduler_job.resync["all"].http_target[0].uri == "https://stunner-resync-123456.europe-west3.run.app/"
    error_message = "the list stays whose it is, and all of it is resynced"
  }
}

run "refuses_other_periods" {
  command = plan
  variables {
    clusters = { prod = { server = "https://10.0.0.2", resync_minutes = 7 } }
  }
  expect_failures = [var.clusters]
}

run "refuses_audit_events_of_nothing" {
  command = plan
  variables {
    clusters = { prod = { server = "https://10.0.0.2", audit_events = true } }
  }
  expect_failures = [var.clusters]
}

run "refuses_other_bounds" {
  command = plan
  variables {
    name                 = "Stunner"
    clusters_key         = "clusters/x"
    runtime              = "nodejs18"
    functions            = { reconcile = { timeout = 3600 } }
    watches_per_instance = 2000
    reconciles_at_once   = 0
    kms_key_name         = "k"
    keep_versions_days   = 0
    log_retention_days   = 0
    log_level            = "loud"
    monthly_budget       = { billing_account = "B", amount = 0 }
  }
  expect_failures = [
    var.name, var.clusters_key, var.runtime, var.functions, var.watches_per_instance, var.reconciles_at_once, var.kms_key_name,
    var.keep_versions_days, var.log_retention_days, var.log_level, var.monthly_budget,
  ]
}
