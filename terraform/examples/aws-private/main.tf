# An EKS cluster whose API server has a private endpoint only. The reconcile function runs in the cluster's VPC; S3, SQS and
# Secrets Manager are reached through endpoints, so that no NAT gateway is needed. Terraform itself must run where it reaches
# the API server: in the VPC, or over a VPN.
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

locals {
  vpc_id           = data.aws_eks_cluster.this.vpc_config[0].vpc_id
  cluster_security = data.aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

resource "aws_security_group" "reconcile" {
  # checkov:skip=CKV2_AWS_5: attached to the reconcile function by the module
  name_prefix = "stunner-reconcile-"
  description = "The reconcile function of stunner-serverless"
  vpc_id      = local.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "to_cluster" {
  security_group_id            = aws_security_group.reconcile.id
  description                  = "API server"
  referenced_security_group_id = local.cluster_security
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_ingress_rule" "from_reconcile" {
  security_group_id            = local.cluster_security
  description                  = "stunner-serverless"
  referenced_security_group_id = aws_security_group.reconcile.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "to_endpoints" {
  security_group_id            = aws_security_group.reconcile.id
  description                  = "SQS and Secrets Manager"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "to_s3" {
  security_group_id = aws_security_group.reconcile.id
  description       = "S3"
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "endpoints" {
  name_prefix = "stunner-endpoints-"
  description = "Endpoints that stunner-serverless uses"
  vpc_id      = local.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "to_endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "stunner-serverless"
  referenced_security_group_id = aws_security_group.reconcile.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.route_table_ids
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(["sqs", "secretsmanager"])

  vpc_id              = local.vpc_id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}

module "stunner" {
  source = "../../modules/aws"

  packages         = { for name in ["event", "reconcile", "resync", "cds", "credentials"] : name => "${path.module}/../../../dist/aws/${name}.zip" }
  alarm_topic_arns = var.alarm_topic_arns
  vpc              = { subnet_ids = var.subnet_ids, security_group_ids = [aws_security_group.reconcile.id] }

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

# The webhook goes out from the API server, which AWS gives a way to the internet that is not the VPC's.
module "cluster" {
  source = "../../modules/cluster"

  cluster     = var.cluster
  event_url   = module.stunner.url
  event_token = module.stunner.event_tokens[var.cluster]
  groups      = [module.stunner.kubernetes_group]

  depends_on = [module.crds]
}
