# A cluster's audit log as events: writes to what we look at, by Pub/Sub, to the address that the webhook has too.
locals {
  audited = { for name, one in var.clusters : name => {
    project  = split("/", one.gke)[1]
    location = split("/", one.gke)[3]
    cluster  = split("/", one.gke)[5]
  } if one.audit_events }
}

resource "google_pubsub_topic" "audit" {
  # checkov:skip=CKV_GCP_83: names of objects that were written, for minutes; no contents are read
  for_each = local.audited

  project                    = var.project
  name                       = "${var.name}-audit-${each.key}"
  message_retention_duration = "600s"
  labels                     = local.labels

  depends_on = [google_project_service.this]
}

resource "google_logging_project_sink" "audit" {
  for_each = local.audited

  project                = each.value.project
  name                   = "${var.name}-audit-${each.key}"
  destination            = "pubsub.googleapis.com/${google_pubsub_topic.audit[each.key].id}"
  unique_writer_identity = true
  filter = join(" AND ", [
    "resource.type=\"k8s_cluster\"",
    "resource.labels.location=\"${each.value.location}\"",
    "resource.labels.cluster_name=\"${each.value.cluster}\"",
    "logName=\"projects/${each.value.project}/logs/cloudaudit.googleapis.com%2Factivity\"",
    "protoPayload.resourceName=~\"^(gateway\\.networking\\.k8s\\.io|stunner\\.l7mp\\.io|core/v1/namespaces/[^/]+/services|discovery\\.k8s\\.io)\"",
  ])
}

resource "google_pubsub_topic_iam_member" "audit" {
  for_each = local.audited

  project = var.project
  topic   = google_pubsub_topic.audit[each.key].name
  role    = "roles/pubsub.publisher"
  member  = google_logging_project_sink.audit[each.key].writer_identity
}

resource "google_pubsub_subscription" "audit" {
  for_each = local.audited

  project                    = var.project
  name                       = "${var.name}-audit-${each.key}"
  topic                      = google_pubsub_topic.audit[each.key].id
  ack_deadline_seconds       = 30
  message_retention_duration = "600s"
  labels                     = local.labels

  push_config {
    push_endpoint = "${local.urls.event}/v1/clusters/${each.key}/events/${random_password.event_token[each.key].result}"
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "120s"
  }

  # Events are hints: what could not be sent for minutes the timer has found.
  expiration_policy {
    ttl = ""
  }
}
