# One EKS cluster that is there already, and everything that stunner-serverless needs for it.
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
  name = var.cluster
}

provider "kubernetes" {
  host                   = data.aws_eks_cluster.this.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = ["eks", "get-token", "--region", var.region, "--cluster-name", var.cluster]
  }
}

module "stunner" {
  source = "../../modules/aws"

  packages         = { for name in ["event", "reconcile", "resync", "cds", "credentials"] : name => "${path.module}/../../../dist/aws/${name}.zip" }
  alarm_topic_arns = var.alarm_topic_arns

  clusters = {
    (var.cluster) = {
      server = data.aws_eks_cluster.this.endpoint
      ca     = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)
    }
  }
}

module "crds" {
  source = "../../modules/cluster-crds"
}

module "cluster" {
  source = "../../modules/cluster"

  cluster     = var.cluster
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens[var.cluster]
  groups      = [module.stunner.kubernetes_group]
  teardown    = var.kubeconfig == null ? null : { kubeconfig = var.kubeconfig, store = module.stunner.store }

  depends_on = [module.crds]
}
