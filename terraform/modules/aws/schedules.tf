locals {
  # One schedule per cluster; of a list that is kept elsewhere one for all.
  schedules = merge(
    { for name, one in var.clusters : name => { minutes = one.resync_minutes, input = { cluster = name } } },
    var.clusters_key == null ? {} : { all = { minutes = 5, input = {} } },
  )
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = local.tags
}

resource "aws_scheduler_schedule" "resync" {
  # checkov:skip=CKV_AWS_297: it holds the name of a cluster; encrypted by AWS's own keys unless kms_key_arn names one
  for_each = local.schedules

  name                = "resync-${each.key}"
  description         = "Looks at everything of ${each.key} again"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = each.value.minutes == 1 ? "rate(1 minute)" : "rate(${each.value.minutes} minutes)"
  kms_key_arn         = var.kms_key_arn

  # Clusters that were made together need not be looked at in the same second.
  flexible_time_window {
    mode                      = each.value.minutes == 1 ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = each.value.minutes == 1 ? null : 1
  }

  target {
    arn      = local.function_arns.resync
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode(each.value.input)

    # The next one comes soon.
    retry_policy {
      maximum_event_age_in_seconds = max(60, each.value.minutes * 60)
      maximum_retry_attempts       = 2
    }
  }

  depends_on = [aws_lambda_function.this, aws_iam_role_policy.schedule]
}
