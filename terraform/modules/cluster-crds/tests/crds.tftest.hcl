mock_provider "kubernetes" {}

run "every_crd" {
  assert {
    condition     = length(kubernetes_manifest.crd) == length(fileset("../../../infra/crds", "*.yaml")) && length(kubernetes_manifest.crd) == 4
    error_message = "each file of infra/crds is a CRD"
  }

  assert {
    condition     = alltrue([for one in values(kubernetes_manifest.crd) : one.manifest.kind == "CustomResourceDefinition" && endswith(one.manifest.metadata.name, ".stunner.l7mp.io")])
    error_message = "they are CRDs of STUNner"
  }

  assert {
    condition     = alltrue([for one in values(kubernetes_manifest.crd) : !contains(keys(one.manifest), "status")])
    error_message = "kubernetes_manifest refuses a status"
  }
}
