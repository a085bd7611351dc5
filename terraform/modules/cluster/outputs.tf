output "namespace" {
  description = "Namespace of the service account."
  value       = var.namespace
}

output "service_account" {
  description = "Name of the service account."
  value       = local.name
}

output "token_secret" {
  description = "Name of the Secret with the token that does not expire; null without one."
  value       = var.long_lived_token ? "${local.name}-token" : null
}
