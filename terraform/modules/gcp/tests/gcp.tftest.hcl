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
      STUNNER_TIMEOUT_SECONDS   = "120"
      STUNNER_MEMORY_MIB        = "512"
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

  # A period without one, for a period: so also of a cluster that no pass ever looked at, which condition_absent never tells of.
  assert {
    condition = { for name, one in google_monitoring_alert_policy.not_looked_at : name => [one.conditions[0].condition_prometheus_query_language[0].query, one.conditions[0].condition_prometheus_query_language[0].duration] } == {
      prod  = ["absent_over_time(logging_googleapis_com:user_stunner_passes{monitored_resource=\"cloud_run_revision\", cluster=\"prod\"}[5m])", "300s"]
      quick = ["absent_over_time(logging_googleapis_com:user_stunner_passes{monitored_resource=\"cloud_run_revision\", cluster=\"quick\"}[60m])", "3600s"]
    }
    error_message = "no pass for two periods must raise an alert, also when there never was one"
  }

  # The metric may not be known yet when the policy is made.
  assert {
    condition     = alltrue([for one in google_monitoring_alert_policy.not_looked_at : one.conditions[0].condition_prometheus_query_language[0].disable_metric_validation])
    error_message = "a policy is made before the first pass"
  }

  assert {
    condition     = { for name, one in google_monitoring_alert_policy.errors : name => one.conditions[0].condition_threshold[0].threshold_value } == { event = 0.05, reconcile = 0.05, resync = 0.05, cds = 0.01, credentials = 0.05 }
    error_message = "errors are told as a part of all answers"
  }

  assert {
    condition = alltrue([for one in google_monitoring_alert_policy.errors : (
      one.conditions[0].condition_threshold[0].filter == "${one.conditions[0].condition_threshold[0].denominator_filter} AND metric.labels.response_code_class=\"5xx\""
      && one.conditions[0].condition_threshold[0].aggregations == one.conditions[0].condition_threshold[0].denominator_aggregations
    )]) && strcontains(google_monitoring_alert_policy.errors["cds"].conditions[0].condition_threshold[0].denominator_filter, "service_name=\"stunner-cds\"")
    error_message = "the ratio is that of 5xx to all of the same function in the same time"
  }

  assert {
    condition = alltrue([for one in google_monitoring_alert_policy.errors : (
      one.combiner == "AND" && length(one.conditions) == 2
      && one.conditions[1].condition_threshold[0].filter == one.conditions[0].condition_threshold[0].filter
      && length(one.conditions[1].condition_threshold[0].denominator_aggregations) == 0
      && one.conditions[1].condition_threshold[0].threshold_value == 4
    )])
    error_message = "one failure of two requests in a quiet hour raises nothing"
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

run "services" {
  assert {
    condition     = alltrue([for name in ["iam", "cloudresourcemanager", "cloudfunctions", "run", "pubsub"] : contains(keys(google_project_service.this), name)]) && alltrue([for one in google_project_service.this : !one.disable_on_destroy])
    error_message = "what is used is switched on, and stays on for others"
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
    condition = alltrue([for one in [google_storage_bucket.store, google_storage_bucket.source] : one.encryption[0].default_kms_key_name == var.kms_key_name]) && alltrue([for one in google_secret_manager_secret.this :
      one.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key_name
    ])
    error_message = "store, sources and secrets are encrypted by the key"
  }

  assert {
    condition = { for name, one in google_kms_crypto_key_iam_member.agent : name => [one.crypto_key_id, one.role, one.member] } == { for name in ["gcp-sa-secretmanager", "gs-project-accounts"] :
      name => [var.kms_key_name, "roles/cloudkms.cryptoKeyEncrypterDecrypter", "serviceAccount:service-123456@${name}.iam.gserviceaccount.com"]
    }
    error_message = "who encrypts for the project may use the key, and nobody else"
  }
}

run "own_key_of_audit_events" {
  variables {
    kms_key_name = "projects/media/locations/europe-west3/keyRings/r/cryptoKeys/k"
    clusters     = { prod = { server = "https://10.0.0.2", gke = "projects/other/locations/europe-west3/clusters/c", audit_events = true } }
  }

  assert {
    condition     = { for name, one in google_pubsub_topic.audit : name => one.kms_key_name } == { all = var.kms_key_name, dead = var.kms_key_name } && contains(keys(google_kms_crypto_key_iam_member.agent), "gcp-sa-pubsub")
    error_message = "events and dead letters are encrypted by the key"
  }
}

run "own_key_granted_elsewhere" {
  variables {
    kms_key_name = "projects/keys/locations/europe-west3/keyRings/r/cryptoKeys/k"
    kms_grants   = false
  }

  assert {
    condition     = length(google_kms_crypto_key_iam_member.agent) == 0 && google_storage_bucket.source.encryption[0].default_kms_key_name == var.kms_key_name
    error_message = "whose key it is says who may use it"
  }
}

run "error_alerts" {
  variables {
    error_alerts = { percent = 20, cds_percent = 2.5, least = 10 }
  }

  assert {
    condition = (google_monitoring_alert_policy.errors["event"].conditions[0].condition_threshold[0].threshold_value == 0.2
      && google_monitoring_alert_policy.errors["cds"].conditions[0].condition_threshold[0].threshold_value == 0.025
    && google_monitoring_alert_policy.errors["cds"].conditions[1].condition_threshold[0].threshold_value == 9)
    error_message = "how much is too much is for the user to say"
  }
}

run "timeouts" {
  variables {
    functions = { cds = { timeout = 1800 }, reconcile = { timeout = 300, memory = "2Gi" } }
  }

  assert {
    condition = alltrue([for name in ["cds", "reconcile"] :
      google_cloudfunctions2_function.this[name].service_config[0].environment_variables.STUNNER_TIMEOUT_SECONDS == tostring(google_cloudfunctions2_function.this[name].service_config[0].timeout_seconds)
    ]) && output.environments.cds.STUNNER_TIMEOUT_SECONDS == "1800" && output.environments.reconcile.STUNNER_TIMEOUT_SECONDS == "300"
    error_message = "functions and platform know the same timeout"
  }

  assert {
    condition     = output.environments.reconcile.STUNNER_MEMORY_MIB == "2048" && google_cloudfunctions2_function.this["reconcile"].service_config[0].available_memory == "2Gi"
    error_message = "reconcile knows how much it may keep"
  }
}

run "audit_events" {
  variables {
    name = "turn"
    clusters = {
      prod    = { server = "https://10.0.0.2", gke = "projects/other/locations/europe-west3/clusters/c", audit_events = true }
      quick   = { server = "https://10.0.0.3", gke = "projects/media/locations/europe-west3-a/clusters/d", audit_events = true }
      without = { server = "https://10.0.0.4", gke = "projects/media/locations/europe-west3/clusters/e" }
    }
  }

  assert {
    condition     = google_cloudfunctions2_function.this["audit"].build_config[0].entry_point == "audit" && google_cloudfunctions2_function.this["audit"].build_config[0].source[0].storage_source[0].object == google_cloudfunctions2_function.this["event"].build_config[0].source[0].storage_source[0].object
    error_message = "audit is a part of the archive of event"
  }

  assert {
    condition     = { for name, one in google_logging_project_sink.audit : name => one.project } == { prod = "other", quick = "media" }
    error_message = "the log is where the cluster is, and only who wants it has a sink"
  }

  assert {
    condition = alltrue([for word in ["resource.labels.project_id=\"other\"", "resource.labels.location=\"europe-west3\"", "resource.labels.cluster_name=\"c\"", "logName=\"projects/other/logs/cloudaudit.googleapis.com%2Factivity\""] :
      strcontains(google_logging_project_sink.audit["prod"].filter, word)
    ])
    error_message = "a sink takes writes to its own cluster alone"
  }

  # What the filter's expression says of names, as Cloud Logging reads it: RE2 is Terraform's too.
  assert {
    condition = alltrue([for name, wanted in {
      "gateway.networking.k8s.io/v1/namespaces/media/gateways/gw"                        = true
      "gateway.networking.k8s.io/v1/gatewayclasses/stunner"                              = true
      "stunner.l7mp.io/v1/namespaces/media/udproutes"                                    = true
      "core/v1/namespaces/media/services/gw/status"                                      = true
      "core/v1/namespaces/media/secrets/tls"                                             = true
      "core/v1/namespaces/media"                                                         = true
      "discovery.k8s.io/v1/namespaces/media/endpointslices/a-x2x"                        = true
      "apiextensions.k8s.io/v1/customresourcedefinitions/udproutes.stunner.l7mp.io"      = true
      "apiextensions.k8s.io/v1/customresourcedefinitions/certificates.cert-manager.io"   = false
      "coordination.k8s.io/v1/namespaces/kube-system/leases/gateway.networking.k8s.io/x" = false
      "core/v1/namespaces/media/pods/p"                                                  = false
      "core/v1/namespaces/media/configmaps/services"                                     = false
      "core/v1/nodes/n/status"                                                           = false
    } : wanted == can(regex(regex("resourceName=~\"(.*?)\"", google_logging_project_sink.audit["prod"].filter)[0], name))])
    error_message = "the filter lets through what passes read, and nothing else"
  }

  assert {
    condition = (google_pubsub_subscription.audit[0].push_config[0].push_endpoint == "https://turn-audit-123456.europe-west3.run.app/${google_pubsub_topic.audit["all"].id}"
      && google_pubsub_subscription.audit[0].push_config[0].oidc_token[0].audience == "https://turn-audit-123456.europe-west3.run.app"
    && google_pubsub_subscription.audit[0].push_config[0].oidc_token[0].service_account_email == google_service_account.this["pusher"].email)
    error_message = "pushes come with a token for the function"
  }

  assert {
    condition     = google_cloud_run_service_iam_member.invoker["audit"].member == "serviceAccount:${google_service_account.this["pusher"].email}" && google_service_account.this["pusher"].account_id == "turn-pusher"
    error_message = "only the subscription calls audit"
  }

  assert {
    condition = (google_pubsub_subscription.audit[0].dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.audit["dead"].id
      && google_pubsub_subscription.dead[0].topic == google_pubsub_topic.audit["dead"].id
      && google_pubsub_topic_iam_member.audit["dead letters"].member == "serviceAccount:service-123456@gcp-sa-pubsub.iam.gserviceaccount.com"
      && google_pubsub_subscription_iam_member.dead_letters[0].role == "roles/pubsub.subscriber"
    && contains(keys(google_monitoring_alert_policy.counted), "audit events put aside"))
    error_message = "what cannot be passed on is put aside, and told of"
  }

  assert {
    condition     = { for name, one in google_pubsub_topic_iam_member.audit : name => one.member if name != "dead letters" } == { for name, one in google_logging_project_sink.audit : name => one.writer_identity }
    error_message = "only the sinks publish"
  }

  assert {
    condition     = !contains(keys(google_storage_bucket_iam_member.write), "audit") && output.environments.audit == output.environments.event && !strcontains(google_pubsub_subscription.audit[0].push_config[0].push_endpoint, "a-token")
    error_message = "audit writes nothing, and no event token is handed out"
  }

  assert {
    condition     = length(google_project_iam_custom_role.connect) == 0 && strcontains(google_logging_project_exclusion.requests.filter, "\"turn-audit\"")
    error_message = "audit is a function like the others"
  }
}

run "no_audit" {
  variables {
    clusters = { prod = { server = "https://10.0.0.2", gke = "projects/other/locations/europe-west3/clusters/c" } }
  }

  assert {
    condition     = length(google_pubsub_topic.audit) + length(google_pubsub_subscription.audit) + length(google_pubsub_subscription.dead) + length(google_logging_project_sink.audit) == 0 && !contains(keys(google_service_account.this), "pusher") && !contains(keys(google_cloudfunctions2_function.this), "audit")
    error_message = "nothing is made of what nobody asked for"
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

  assert {
    condition     = google_monitoring_alert_policy.not_looked_at["all"].conditions[0].condition_prometheus_query_language[0].query == "absent_over_time(logging_googleapis_com:user_stunner_passes{monitored_resource=\"cloud_run_revision\"}[5m])"
    error_message = "no pass over any cluster raises an alert"
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
    log_level            = "warn"
    monthly_budget       = { billing_account = "B", amount = 0 }
    error_alerts         = { percent = 100 }
  }
  expect_failures = [
    var.name, var.clusters_key, var.runtime, var.functions, var.watches_per_instance, var.reconciles_at_once, var.kms_key_name,
    var.keep_versions_days, var.log_retention_days, var.log_level, var.monthly_budget, var.error_alerts,
  ]
}

run "refuses_a_floor_that_is_none" {
  command = plan
  variables {
    error_alerts = { least = 1.5 }
  }
  expect_failures = [var.error_alerts]
}
