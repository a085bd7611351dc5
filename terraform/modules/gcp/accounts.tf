# One service account per function, with what its code uses and nothing else.
locals {
  # builder builds, tasks, timer and pusher call functions.
  accounts = concat(local.function_names, ["builder", "tasks", "timer"], local.is_audited ? ["pusher"] : [])
  readers  = local.function_names
  askers   = [for name in local.function_names : name if !contains(["cds", "credentials"], name)]
  secrets  = merge({ token_keys = [for name in local.function_names : name if name != "resync"] }, var.credentials ? { api_keys = ["credentials"] } : {})

  secret_readers = merge([for secret, names in local.secrets : { for name in names : "${secret} ${name}" => { secret = secret, name = name } }]...)

  writers = {
    reconcile = "resource.name.startsWith('projects/_/buckets/${local.bucket}/objects/clusters/')"
    resync    = "resource.name.startsWith('projects/_/buckets/${local.bucket}/objects/clusters/') && resource.name.endsWith('/start.json')"
  }

  members = { for name in local.accounts : name => "serviceAccount:${google_service_account.this[name].email}" }

  # A server of this name asks for a right of its own to be connected to at all (GKE, "DNS-based endpoint").
  has_dns_endpoint = anytrue([for one in values(var.clusters) : endswith(one.server, ".gke.goog")])
}

resource "google_service_account" "this" {
  for_each = toset(local.accounts)

  project      = var.project
  account_id   = "${var.name}-${each.key}"
  display_name = "stunner-serverless: ${each.key}"

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_iam_member" "read" {
  for_each = toset(local.readers)

  bucket = google_storage_bucket.store.name
  role   = "roles/storage.objectViewer"
  member = local.members[each.key]
}

resource "google_storage_bucket_iam_member" "write" {
  for_each = local.writers

  bucket = google_storage_bucket.store.name
  role   = "roles/storage.objectUser"
  member = local.members[each.key]

  condition {
    title      = "own-objects"
    expression = each.value
  }
}

resource "google_cloud_tasks_queue_iam_member" "ask" {
  for_each = toset(local.askers)

  project  = var.project
  location = var.region
  name     = google_cloud_tasks_queue.passes.name
  role     = "roles/cloudtasks.enqueuer"
  member   = local.members[each.key]
}

# Whoever makes a task that comes as an account must be allowed to use that.
resource "google_service_account_iam_member" "ask" {
  for_each = toset(local.askers)

  service_account_id = google_service_account.this["tasks"].name
  role               = "roles/iam.serviceAccountUser"
  member             = local.members[each.key]
}

resource "google_secret_manager_secret_iam_member" "read" {
  for_each = local.secret_readers

  project   = var.project
  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members[each.value.name]
}

resource "google_project_iam_custom_role" "connect" {
  count = local.has_dns_endpoint ? 1 : 0

  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_connect"
  title       = "stunner-serverless: connect to API servers"
  permissions = ["container.clusters.connect"]
}

resource "google_project_iam_member" "connect" {
  count = local.has_dns_endpoint ? 1 : 0

  project = var.project
  role    = google_project_iam_custom_role.connect[0].id
  member  = local.members.reconcile
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = local.members.builder
}

resource "google_project_iam_member" "builder" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter"])

  project = var.project
  role    = each.key
  member  = local.members.builder
}
