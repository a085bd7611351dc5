resource "google_storage_bucket" "store" {
  # checkov:skip=CKV_GCP_62: the functions are the only readers; data access audit logs tell who else tried
  project                     = var.project
  name                        = local.bucket
  location                    = var.region
  force_destroy               = var.force_destroy
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = local.labels

  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      days_since_noncurrent_time = var.keep_versions_days
    }
    action {
      type = "Delete"
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key_name == null ? [] : [var.kms_key_name]

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.agent]
}

resource "google_storage_bucket_object" "clusters" {
  count = var.clusters_key == null ? 1 : 0

  bucket       = google_storage_bucket.store.name
  name         = local.clusters_key
  content      = jsonencode(local.cluster_entries)
  content_type = "application/json"
}

# Apart from the store: what is built from is nobody's business who serves.
resource "google_storage_bucket" "source" {
  # checkov:skip=CKV_GCP_62: source archives, read by builds alone
  # checkov:skip=CKV_GCP_78: each archive has its hash in its name, and stays
  project                     = var.project
  name                        = "${local.bucket}-source"
  location                    = var.region
  force_destroy               = true
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = local.labels

  dynamic "encryption" {
    for_each = var.kms_key_name == null ? [] : [var.kms_key_name]

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.this, google_kms_crypto_key_iam_member.agent]
}

resource "google_storage_bucket_object" "source" {
  for_each = toset(values(local.packages))

  bucket = google_storage_bucket.source.name
  name   = "${each.key}-${filesha256(var.packages[each.key])}.zip"
  source = var.packages[each.key]
}
