# Three EKS clusters in one region, and one control plane for all of them. A provider cannot be chosen by for_each, so that
# each cluster has a block of its own; clusters that another team's Terraform keeps need only the entry in the list.
terraform {
  required_version = ">= 1.8"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.36"
    }
  }
}

provider "aws" {
  region = var.region
}

data "aws_eks_cluster" "this" {
  for_each = toset(values(var.clusters))

  name = each.key
}

locals {
  of = { for key, name in var.clusters : key => {
    server = data.aws_eks_cluster.this[name].endpoint
    ca     = base64decode(data.aws_eks_cluster.this[name].certificate_authority[0].data)
    token  = ["eks", "get-token", "--region", var.region, "--cluster-name", name]
  } }
}

provider "kubernetes" {
  alias                  = "production"
  host                   = local.of.production.server
  cluster_ca_certificate = local.of.production.ca

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = local.of.production.token
  }
}

provider "kubernetes" {
  alias                  = "staging"
  host                   = local.of.staging.server
  cluster_ca_certificate = local.of.staging.ca

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = local.of.staging.token
  }
}

provider "kubernetes" {
  alias                  = "development"
  host                   = local.of.development.server
  cluster_ca_certificate = local.of.development.ca

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = local.of.development.token
  }
}

module "stunner" {
  source = "../../modules/aws"

  packages         = { for name in ["event", "reconcile", "resync", "cds", "credentials"] : name => "${path.module}/../../../dist/aws/${name}.zip" }
  alarm_topic_arns = var.alarm_topic_arns

  # What breaks in production is told and left; elsewhere it is corrected, and looked at less often.
  clusters = {
    production  = { server = local.of.production.server, ca = local.of.production.ca, eks_cluster = var.clusters.production, admission = "deny", drift = "report" }
    staging     = { server = local.of.staging.server, ca = local.of.staging.ca, eks_cluster = var.clusters.staging, resync_minutes = 15 }
    development = { server = local.of.development.server, ca = local.of.development.ca, eks_cluster = var.clusters.development, resync_minutes = 60 }
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
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens["production"]
  groups      = [module.stunner.kubernetes_group]
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
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens["staging"]
  groups      = [module.stunner.kubernetes_group]
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
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens["development"]
  groups      = [module.stunner.kubernetes_group]
  depends_on  = [module.crds_development]
}
