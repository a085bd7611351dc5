# The audit logs of clusters as events, for those that want it: writes to what passes read, by Pub/Sub, to a function that only
# the subscription may call. No token is part of it.
locals {
  audited = { for name, one in var.clusters : name => {
    project  = split("/", one.gke)[1]
    location = split("/", one.gke)[3]
    cluster  = split("/", one.gke)[5]
  } if one.audit_events }
  is_audited = length(local.audited) > 0

  # Kinds that change what is rendered. Namespaces by themselves, Nodes when they come or go: the rest of Nodes is heartbeats.
  # No backslashes: how many of them a filter wants depends on who reads it.
  audited_names = join("|", [
    "gateway[.]networking[.]k8s[.]io/",
    "stunner[.]l7mp[.]io/",
    "discovery[.]k8s[.]io/",
    "core/v1/namespaces/[^/]+/(services|secrets)(/|$)",
    "core/v1/namespaces/[^/]+$",
    "apiextensions[.]k8s[.]io/v1/customresourcedefinitions/[^/]*(gateway[.]networking[.]k8s[.]io|stunner[.]l7mp[.]io)",
  ])

  # Pub/Sub's own account in this project: it asks for the token that pushes come with, and moves messages.
  pubsub = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_logging_project_sink" "audit" {
  for_each = local.audited

  project                = each.value.project
  name                   = "${var.name}-audit-${each.key}"
  destination            = "pubsub.googleapis.com/${google_pubsub_topic.audit["all"].id}"
  unique_writer_identity = true
  filter = join(" AND ", [
    "resource.type=\"k8s_cluster\"",
    "resource.labels.project_id=\"${each.value.project}\"",
    "resource.labels.location=\"${each.value.location}\"",
    "resource.labels.cluster_name=\"${each.value.cluster}\"",
    "logName=\"projects/${each.value.project}/logs/cloudaudit.googleapis.com%2Factivity\"",
    "protoPayload.serviceName=\"k8s.io\"",
    "(protoPayload.resourceName=~\"^(${local.audited_names})\" OR protoPayload.methodName=~\"^io[.]k8s[.]core[.]v1[.]nodes[.](create|delete)$\")",
  ])
}

resource "google_pubsub_topic" "audit" {
  # checkov:skip=CKV_GCP_83: encrypted by Google's own keys unless kms_key_name names one
  for_each = local.is_audited ? { all = "audit", dead = "audit-dead" } : {}

  project                    = var.project
  name                       = "${var.name}-${each.value}"
  kms_key_name               = var.kms_key_name
  message_retention_duration = "3600s"
  labels                     = local.labels

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.agent]
}

resource "google_pubsub_topic_iam_member" "audit" {
  for_each = merge(
    { for name, sink in google_logging_project_sink.audit : name => { topic = "all", member = sink.writer_identity } },
    local.is_audited ? { "dead letters" = { topic = "dead", member = local.pubsub } } : {},
  )

  project = var.project
  topic   = google_pubsub_topic.audit[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = each.value.member
}

resource "google_pubsub_subscription" "audit" {
  count = local.is_audited ? 1 : 0

  project = var.project
  name    = "${var.name}-audit"
  topic   = google_pubsub_topic.audit["all"].id
  # Events are hints: what could not be sent for an hour the timer has found.
  message_retention_duration = "3600s"
  ack_deadline_seconds       = 30
  labels                     = local.labels

  push_config {
    # The path is for the functions framework, which looks for the topic there.
    push_endpoint = "${local.urls.audit}/${google_pubsub_topic.audit["all"].id}"

    oidc_token {
      service_account_email = google_service_account.this["pusher"].email
      audience              = local.urls.audit
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "120s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.audit["dead"].id
    max_delivery_attempts = 10
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_service_iam_member.invoker, google_pubsub_topic_iam_member.audit, google_service_account_iam_member.pubsub]
}

# Without it the topic would keep nothing to look at.
resource "google_pubsub_subscription" "dead" {
  count = local.is_audited ? 1 : 0

  project                    = var.project
  name                       = "${var.name}-audit-dead"
  topic                      = google_pubsub_topic.audit["dead"].id
  message_retention_duration = "604800s"
  labels                     = local.labels

  expiration_policy {
    ttl = ""
  }
}

# What is moved to the dead letters is taken from the subscription.
resource "google_pubsub_subscription_iam_member" "dead_letters" {
  count = local.is_audited ? 1 : 0

  project      = var.project
  subscription = google_pubsub_subscription.audit[0].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub
}

# Pub/Sub's account has that right in the whole project, unless it is older than April 2021 or somebody took it away.
resource "google_service_account_iam_member" "pubsub" {
  count = local.is_audited ? 1 : 0

  service_account_id = google_service_account.this["pusher"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.pubsub

  depends_on = [google_pubsub_topic.audit]
}
