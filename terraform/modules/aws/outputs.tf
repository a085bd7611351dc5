output "url" {
  description = "Where everything is asked for: events, configurations, credentials."
  value       = local.cds_url
}

output "event_tokens" {
  description = "Of each cluster: event_token of modules/cluster."
  value       = { for name, one in random_password.event_token : name => one.result }
  sensitive   = true
}

output "kubernetes_group" {
  description = "Group that the reconcile function is in, in each cluster: groups of modules/cluster."
  value       = "stunner-serverless"
}

output "reconcile_role_arn" {
  description = "Who talks to the API servers: for clusters whose access entries are made elsewhere, such as in other accounts."
  value       = aws_iam_role.function["reconcile"].arn
}

output "role_arns" {
  description = "Role of each function."
  value       = { for name, role in aws_iam_role.function : name => role.arn }
}

output "policies" {
  description = "What each function may do: the documents of its role."
  value       = local.policies
}

output "environments" {
  description = "Variables of each function. They hold no secrets."
  value       = local.environments
}

output "store" {
  description = "URL of the store, for the command line."
  value       = local.environment.common.STUNNER_STORE
}

output "bucket" {
  description = "Name of the store's bucket."
  value       = aws_s3_bucket.store.id
}

output "token_keys_secret_arn" {
  description = "Secret to be filled with the key ring."
  value       = local.token_keys_secret_arn
}

output "api_keys_secret_arn" {
  description = "Secret to be filled with API keys; null without a credential service."
  value       = var.credentials ? local.api_keys_secret_arn : null
}

output "queue_urls" {
  description = "Queues: passes, looks, dead."
  value       = { passes = aws_sqs_queue.passes.url, looks = aws_sqs_queue.looks.url, dead = aws_sqs_queue.dead.url }
}

output "function_names" {
  description = "Names of the Lambda functions."
  value       = { for name, one in aws_lambda_function.this : name => one.function_name }
}
