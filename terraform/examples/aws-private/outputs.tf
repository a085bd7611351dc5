output "url" {
  description = "Where events, configurations and credentials are asked for."
  value       = module.stunner.url
}

output "token_keys_secret_arn" {
  description = "Secret to be filled with the key ring."
  value       = module.stunner.token_keys_secret_arn
}

output "api_keys_secret_arn" {
  description = "Secret to be filled with API keys."
  value       = module.stunner.api_keys_secret_arn
}

output "reconcile_log" {
  description = "Log group that says what passes do."
  value       = "/aws/lambda/${module.stunner.function_names.reconcile}"
}
