# Made empty and filled by hand, once: what Terraform writes, its state keeps.
resource "google_secret_manager_secret" "this" {
  for_each = toset(keys(local.secrets))

  project   = var.project
  secret_id = "${var.name}-${replace(each.key, "_", "-")}"
  labels    = local.labels

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key_name == null ? [] : [var.kms_key_name]

          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.agent]
}
