output "url" {
  description = "Where events are sent: event_url of modules/cluster."
  value       = local.public.event
}

output "urls" {
  description = "Address of each function; cds is asked by pods, credentials by applications."
  value       = local.public
}

output "event_tokens" {
  description = "Of each cluster: event_token of modules/cluster."
  value       = { for name, one in random_password.event_token : name => one.result }
  sensitive   = true
}

output "kubernetes_user" {
  description = "User that the reconcile function is, in each cluster: users of modules/cluster."
  value       = google_service_account.this["reconcile"].email
}

output "accounts" {
  description = "Service account of each function."
  value       = { for name in local.function_names : name => google_service_account.this[name].email }
}

output "environments" {
  description = "Variables of each function. They hold no secrets."
  value       = { for name in local.function_names : name => local.environments[name] }
}

output "store" {
  description = "URL of the store, for the command line."
  value       = local.environment.common.STUNNER_STORE
}

output "secrets" {
  description = "Secrets to be filled: token_keys, api_keys."
  value       = { for name, one in google_secret_manager_secret.this : name => one.id }
}

output "address" {
  description = "Where the domain's A record must lead to; null without a domain."
  value       = one(google_compute_global_address.this[*].address)
}
