terraform {
  required_version = ">= 1.8"

  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.36"
    }
  }
}

locals {
  # What infra/generate.ts writes; the module is used from the whole repository.
  directory = "${path.module}/../../../infra/crds"
  crds      = { for file in fileset(local.directory, "*.yaml") : trimsuffix(file, ".yaml") => yamldecode(file("${local.directory}/${file}")) }
}

resource "kubernetes_manifest" "crd" {
  for_each = local.crds

  manifest = each.value

  # One that is there already, of the upstream operator, is taken over.
  field_manager {
    name            = "terraform"
    force_conflicts = true
  }

  wait {
    condition {
      type   = "Established"
      status = "True"
    }
  }
}
