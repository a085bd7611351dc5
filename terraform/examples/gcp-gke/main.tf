# One GKE cluster that is there already, and everything that stunner-serverless needs for it.
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

provider "kubernetes" {
  host                   = "https://${data.google_container_cluster.this.endpoint}"
  cluster_ca_certificate = base64decode(data.google_container_cluster.this.master_auth[0].cluster_ca_certificate)
  token                  = data.google_client_config.this.access_token
}

module "stunner" {
  source = "../../modules/gcp"

  project               = var.project
  region                = var.region
  packages              = { for name in ["event", "reconcile", "resync", "cds", "credentials"] : name => "${path.module}/../../../dist/gcp/${name}.zip" }
  notification_channels = var.notification_channels

  clusters = {
    (var.cluster) = {
      server = "https://${data.google_container_cluster.this.endpoint}"
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
  teardown    = var.kubeconfig == null ? null : { kubeconfig = var.kubeconfig, store = module.stunner.store }

  depends_on = [module.crds]
}
