# With a key of one's own it is Google's service agents of this project that encrypt and decrypt.
locals {
  key_users = var.kms_key_name == null || !var.kms_grants ? [] : concat(["gs-project-accounts", "gcp-sa-secretmanager"], local.is_audited ? ["gcp-sa-pubsub"] : [])
}

resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = toset(local.key_users)

  crypto_key_id = var.kms_key_name
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.this.number}@${each.key}.iam.gserviceaccount.com"

  depends_on = [google_project_service.this]
}
