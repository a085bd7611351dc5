resource "aws_s3_bucket" "store" {
  # checkov:skip=CKV2_AWS_62: nobody needs to be told of objects: readers follow the index by its entity tag
  # checkov:skip=CKV_AWS_144: everything in the store can be made anew from the clusters (docs/disaster-recovery.md)
  # checkov:skip=CKV_AWS_18: the functions are the only readers; data events of CloudTrail tell who else tried
  # checkov:skip=CKV_AWS_145: encrypted by S3's own keys unless kms_key_arn names one
  bucket        = local.bucket
  force_destroy = var.force_destroy
  tags          = local.tags
}

resource "aws_s3_bucket_ownership_controls" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "store" {
  bucket                  = aws_s3_bucket.store.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "store" {
  bucket = aws_s3_bucket.store.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    # A key of one's own is paid for by the request, unless the bucket keeps one derived from it.
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.keep_versions_days
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.store]
}

resource "aws_s3_bucket_policy" "store" {
  bucket = aws_s3_bucket.store.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.store]
}

resource "aws_s3_object" "clusters" {
  # checkov:skip=CKV_AWS_186: encrypted as the bucket says
  count = var.clusters_key == null ? 1 : 0

  bucket        = aws_s3_bucket.store.id
  key           = local.clusters_key
  content       = jsonencode(local.cluster_entries)
  content_type  = "application/json"
  force_destroy = var.force_destroy
  tags          = local.tags

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.store, aws_s3_bucket_versioning.store]
}
