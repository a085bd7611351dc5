output "names" {
  description = "Names of the CRDs."
  value       = [for one in kubernetes_manifest.crd : one.manifest.metadata.name]
}
