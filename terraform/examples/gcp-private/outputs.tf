output "urls" {
  description = "Address of each function."
  value       = module.stunner.urls
}

output "secrets" {
  description = "Secrets to be filled: token_keys, api_keys."
  value       = module.stunner.secrets
}
