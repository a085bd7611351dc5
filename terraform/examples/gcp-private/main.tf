# A GKE cluster whose API server has a private endpoint only. The reconcile function reaches it through a connector in its network;
# Terraform itself must run where it reaches the API server.
terraform {
  required_version = ">= 1.8"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.36"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

data "google_client_config" "this" {}

data "google_container_cluster" "this" {
  project  = var.project
  location = var.location
  name     = var.cluster
}

locals {
  endpoint = data.google_container_cluster.this.private_cluster_config[0].private_endpoint
}

resource "google_project_service" "vpcaccess" {
  project            = var.project
  service            = "vpcaccess.googleapis.com"
  disable_on_destroy = false
}

resource "google_vpc_access_connector" "this" {
  project       = var.project
  region        = var.region
  name          = "stunner"
  network       = data.google_container_cluster.this.network
  ip_cidr_range = var.connector_range
  min_instances = 2
  max_instances = 3

  depends_on = [google_project_service.vpcaccess]
}

provider "kubernetes" {
  host                   = "https://${local.endpoint}"
  cluster_ca_certificate = base64decode(data.google_container_cluster.this.master_auth[0].cluster_ca_certificate)
  token                  = data.google_client_config.this.access_token
}

module "stunner" {
  source = "../../modules/gcp"

  project               = var.project
  region                = var.region
  packages              = { for name in ["event", "reconcile", "resync", "cds", "credentials"] : name => "${path.module}/../../../dist/gcp/${name}.zip" }
  notification_channels = var.notification_channels
  vpc_connector         = google_vpc_access_connector.this.id

  clusters = {
    (var.cluster) = {
      server = "https://${local.endpoint}"
      ca     = base64decode(data.google_container_cluster.this.master_auth[0].cluster_ca_certificate)
      gke    = "projects/${var.project}/locations/${var.location}/clusters/${var.cluster}"
    }
  }
}

module "crds" {
  source = "../../modules/cluster-crds"
}

module "cluster" {
  source = "../../modules/cluster"

  cluster     = var.cluster
  delivery    = "proxy"
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens[var.cluster]
  users       = [module.stunner.kubernetes_user]

  depends_on = [module.crds]
}
