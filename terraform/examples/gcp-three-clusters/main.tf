# Three GKE clusters of one project, and one control plane for all of them. A provider cannot be chosen by for_each, so that
# each cluster has a block of its own; clusters that another team's Terraform keeps need only the entry in the list.
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
  for_each = var.clusters

  project  = var.project
  location = each.value.location
  name     = each.value.name
}

locals {
  of = { for key, one in var.clusters : key => {
    server = "https://${data.google_container_cluster.this[key].endpoint}"
    ca     = base64decode(data.google_container_cluster.this[key].master_auth[0].cluster_ca_certificate)
    gke    = "projects/${var.project}/locations/${one.location}/clusters/${one.name}"
  } }
}

provider "kubernetes" {
  alias                  = "production"
  host                   = local.of.production.server
  cluster_ca_certificate = local.of.production.ca
  token                  = data.google_client_config.this.access_token
}

provider "kubernetes" {
  alias                  = "staging"
  host                   = local.of.staging.server
  cluster_ca_certificate = local.of.staging.ca
  token                  = data.google_client_config.this.access_token
}

provider "kubernetes" {
  alias                  = "development"
  host                   = local.of.development.server
  cluster_ca_certificate = local.of.development.ca
  token                  = data.google_client_config.this.access_token
}

module "stunner" {
  source = "../../modules/gcp"

  project               = var.project
  region                = var.region
  packages              = { for name in ["event", "reconcile", "resync", "cds", "credentials"] : name => "${path.module}/../../../dist/gcp/${name}.zip" }
  notification_channels = var.notification_channels

  # What breaks in production is told and left; elsewhere it is corrected, and looked at less often.
  clusters = {
    production  = merge(local.of.production, { admission = "deny", drift = "report" })
    staging     = merge(local.of.staging, { resync_minutes = 15 })
    development = merge(local.of.development, { resync_minutes = 60 })
  }
}

module "crds_production" {
  source    = "../../modules/cluster-crds"
  providers = { kubernetes = kubernetes.production }
}

module "production" {
  source    = "../../modules/cluster"
  providers = { kubernetes = kubernetes.production }

  cluster     = "production"
  delivery    = "proxy"
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens["production"]
  users       = [module.stunner.kubernetes_user]
  depends_on  = [module.crds_production]
}

module "crds_staging" {
  source    = "../../modules/cluster-crds"
  providers = { kubernetes = kubernetes.staging }
}

module "staging" {
  source    = "../../modules/cluster"
  providers = { kubernetes = kubernetes.staging }

  cluster     = "staging"
  delivery    = "proxy"
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens["staging"]
  users       = [module.stunner.kubernetes_user]
  depends_on  = [module.crds_staging]
}

module "crds_development" {
  source    = "../../modules/cluster-crds"
  providers = { kubernetes = kubernetes.development }
}

module "development" {
  source    = "../../modules/cluster"
  providers = { kubernetes = kubernetes.development }

  cluster     = "development"
  delivery    = "proxy"
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens["development"]
  users       = [module.stunner.kubernetes_user]
  depends_on  = [module.crds_development]
}
