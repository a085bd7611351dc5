locals {
  environment = {
    common = {
      STUNNER_STORE     = "gs://${local.bucket}"
      STUNNER_CLUSTERS  = local.clusters_key
      STUNNER_CDS_URL   = local.public.cds
      STUNNER_DELIVERY  = "proxy"
      STUNNER_LOG_LEVEL = var.log_level
    }
    queue = {
      STUNNER_QUEUE_URL     = local.queue
      STUNNER_RECONCILE_URL = local.urls.reconcile
      STUNNER_QUEUE_ACCOUNT = google_service_account.this["tasks"].email
    }
    # The same number that the platform is given, since watches and passes end before it.
    timeout = { for name in local.function_names : name => { STUNNER_TIMEOUT_SECONDS = tostring(var.functions[name].timeout) } }
    # A function is told nothing of its memory, and keeps as many clusters open as that allows.
    memory     = { STUNNER_MEMORY_MIB = tostring(tonumber(trimsuffix(trimsuffix(var.functions.reconcile.memory, "Mi"), "Gi")) * (endswith(var.functions.reconcile.memory, "Gi") ? 1024 : 1)) }
    watches    = { STUNNER_WATCHES_PER_INSTANCE = tostring(var.watches_per_instance) }
    token_keys = { STUNNER_TOKEN_KEYS_SECRET = google_secret_manager_secret.this["token_keys"].id }
    api_keys   = { STUNNER_API_KEYS_SECRET = var.credentials ? google_secret_manager_secret.this["api_keys"].id : "" }
  }

  environments = {
    event       = merge(local.environment.common, local.environment.queue, local.environment.token_keys)
    reconcile   = merge(local.environment.common, local.environment.queue, local.environment.token_keys, local.environment.timeout.reconcile, local.environment.memory)
    resync      = merge(local.environment.common, local.environment.queue)
    cds         = merge(local.environment.common, local.environment.token_keys, local.environment.timeout.cds, local.environment.watches)
    credentials = merge(local.environment.common, local.environment.token_keys, local.environment.api_keys)
    audit       = merge(local.environment.common, local.environment.queue, local.environment.token_keys)
  }

  # A pass has an instance for itself; what only answers shares one.
  at_once = { event = 20, reconcile = 1, resync = 1, cds = var.watches_per_instance, credentials = 80, audit = 20 }

  # The functions themselves let in who has a token or key (docs/security.md); what only Google calls, only Google may.
  invokers = merge(
    { event = "allUsers", cds = "allUsers", reconcile = local.members.tasks, resync = local.members.timer },
    var.credentials ? { credentials = "allUsers" } : {},
    local.is_audited ? { audit = local.members.pusher } : {},
  )
}

resource "google_cloudfunctions2_function" "this" {
  # checkov:skip=CKV_GCP_124: API servers, pods and applications ask over the internet
  for_each = toset(local.function_names)

  project     = var.project
  location    = var.region
  name        = "${var.name}-${each.key}"
  description = "stunner-serverless: ${each.key}"
  labels      = local.labels

  build_config {
    runtime         = var.runtime
    entry_point     = each.key
    service_account = google_service_account.this["builder"].id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source[local.packages[each.key]].name
      }
    }
  }

  service_config {
    available_memory                 = var.functions[each.key].memory
    available_cpu                    = "1"
    timeout_seconds                  = var.functions[each.key].timeout
    min_instance_count               = var.functions[each.key].least
    max_instance_count               = var.functions[each.key].most
    max_instance_request_concurrency = local.at_once[each.key]
    service_account_email            = google_service_account.this[each.key].email
    ingress_settings                 = "ALLOW_ALL"
    all_traffic_on_latest_revision   = true
    environment_variables            = local.environments[each.key]

    # Only passes talk to API servers.
    vpc_connector                 = each.key == "reconcile" ? var.vpc_connector : null
    vpc_connector_egress_settings = each.key == "reconcile" && var.vpc_connector != null ? "PRIVATE_RANGES_ONLY" : null
  }

  # Without its rights a function starts and fails.
  depends_on = [
    google_project_iam_member.builder,
    google_storage_bucket_iam_member.builder,
    google_storage_bucket_iam_member.read,
    google_secret_manager_secret_iam_member.read,
  ]
}

resource "google_cloud_run_service_iam_member" "invoker" {
  # checkov:skip=CKV_GCP_102: the functions themselves let in who has a token or key; webhooks can send nothing else
  for_each = local.invokers

  project  = var.project
  location = var.region
  service  = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = each.value
}
