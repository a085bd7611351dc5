# A domain of one's own: a load balancer with a certificate that Google makes and renews, in front of the functions. It logs no
# requests: their URLs hold event tokens.
locals {
  behind = var.domain == null ? [] : [for name in ["event", "cds", "credentials"] : name if contains(local.function_names, name)]
}

resource "google_compute_global_address" "this" {
  count = var.domain == null ? 0 : 1

  project = var.project
  name    = var.name

  depends_on = [google_project_service.this]
}

resource "google_compute_region_network_endpoint_group" "this" {
  for_each = toset(local.behind)

  project               = var.project
  region                = var.region
  name                  = "${var.name}-${each.key}"
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.this[each.key].name
  }
}

resource "google_compute_backend_service" "this" {
  for_each = toset(local.behind)

  project               = var.project
  name                  = "${var.name}-${each.key}"
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = google_compute_region_network_endpoint_group.this[each.key].id
  }

  log_config {
    enable = false
  }
}

resource "google_compute_url_map" "this" {
  count = var.domain == null ? 0 : 1

  project         = var.project
  name            = var.name
  default_service = google_compute_backend_service.this[var.credentials ? "credentials" : "cds"].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "functions"
  }

  path_matcher {
    name            = "functions"
    default_service = google_compute_backend_service.this[var.credentials ? "credentials" : "cds"].id

    route_rules {
      priority = 1
      service  = google_compute_backend_service.this["event"].id

      match_rules {
        prefix_match = "/v1/"
      }
    }

    route_rules {
      priority = 2
      service  = google_compute_backend_service.this["cds"].id

      match_rules {
        path_template_match = "/c/*/api/**"
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "this" {
  count = var.domain == null ? 0 : 1

  project = var.project
  name    = "${var.name}-${substr(sha256(var.domain), 0, 8)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "this" {
  count = var.domain == null ? 0 : 1

  project         = var.project
  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.this]
}

resource "google_compute_target_https_proxy" "this" {
  count = var.domain == null ? 0 : 1

  project          = var.project
  name             = var.name
  url_map          = google_compute_url_map.this[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.this[0].id]
  ssl_policy       = google_compute_ssl_policy.this[0].id
}

resource "google_compute_global_forwarding_rule" "this" {
  count = var.domain == null ? 0 : 1

  project               = var.project
  name                  = var.name
  target                = google_compute_target_https_proxy.this[0].id
  ip_address            = google_compute_global_address.this[0].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  labels                = local.labels
}
