data "google_project" "this" {
  project_id = var.project
}

locals {
  labels         = merge(var.labels, { stunner-serverless = var.name })
  bucket         = coalesce(var.bucket_name, "${var.name}-${var.project}-${var.region}")
  function_names = concat(["event", "reconcile", "resync", "cds"], var.credentials ? ["credentials"] : [], local.is_audited ? ["audit"] : [])

  # The archive of event has audit in it.
  packages = { for name in local.function_names : name => name == "audit" ? "event" : name }

  # Cloud Run's addresses are known before anything is made, so that functions can be told their own.
  urls = { for name in local.function_names : name => "https://${var.name}-${name}-${data.google_project.this.number}.${var.region}.run.app" }

  # As the world knows them.
  public = var.domain == null ? local.urls : { for name, url in local.urls : name => contains(["event", "cds", "credentials"], name) ? "https://${var.domain}" : url }

  queue        = "projects/${var.project}/locations/${var.region}/queues/${var.name}-passes"
  clusters_key = coalesce(var.clusters_key, "settings/clusters.json")

  cluster_entries = [for name, one in var.clusters : { for key, value in {
    name              = name
    connect           = { for key, value in { type = "gke", server = one.server, ca = one.ca, cluster = one.gke } : key => value if value != null }
    eventToken        = random_password.event_token[name].result
    delivery          = one.delivery
    mode              = one.mode
    controllerName    = one.controller_name
    endpointDiscovery = one.endpoint_discovery
    onInvalid         = one.on_invalid
    referenceGrants   = one.reference_grants
    certificates      = one.certificates
    drift             = one.drift
    admission         = one.admission
    labelFilter       = one.label_filter
    pollInterval      = one.poll_interval
  } : key => value if value != null }]
}

resource "google_project_service" "this" {
  for_each = toset([
    "artifactregistry", "cloudbuild", "cloudfunctions", "cloudresourcemanager", "cloudscheduler", "cloudtasks", "compute", "iam", "logging", "monitoring", "pubsub", "run",
    "secretmanager", "storage",
  ])

  project            = var.project
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Lets the cluster's webhook send hints, and nothing else. It is part of the webhook's URL, so whoever may read that knows it.
resource "random_password" "event_token" {
  for_each = var.clusters

  length  = 43
  special = false
}
