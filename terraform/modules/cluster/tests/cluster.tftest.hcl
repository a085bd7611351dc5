mock_provider "kubernetes" {}

variables {
  cluster     = "prod"
  event_url   = "https://stunner.example.com/"
  event_token = "a-token-of-forty-three-characters-0123456789"
  groups      = ["stunner-serverless"]
}

run "defaults" {
  assert {
    condition = alltrue([for one in kubernetes_manifest.webhook[0].manifest.webhooks :
      one.clientConfig == { url = "https://stunner.example.com/v1/clusters/prod/events/a-token-of-forty-three-characters-0123456789" }
    ])
    error_message = "events go to the cluster's own path, with its token"
  }

  assert {
    condition     = alltrue([for one in kubernetes_manifest.webhook[0].manifest.webhooks : one.failurePolicy == "Ignore" && one.timeoutSeconds == 1])
    error_message = "the webhook never stops a write"
  }

  assert {
    condition     = alltrue([for one in kubernetes_manifest.cluster_role.manifest.rules : !contains(one.verbs, "watch") && !contains(one.verbs, "*") && !contains(one.resources, "*")])
    error_message = "nothing is watched, and nothing is allowed that is not named"
  }

  assert {
    condition     = [for one in kubernetes_manifest.cluster_role_binding.manifest.subjects : one.kind] == ["ServiceAccount", "Group"]
    error_message = "the group of the reconcile function gets the rights"
  }

  assert {
    condition     = contains(kubernetes_manifest.webhook[0].computed_fields, "webhooks")
    error_message = "what passes write into the webhook is no drift"
  }

  assert {
    condition     = length(kubernetes_manifest.token) == 0 && length(terraform_data.teardown) == 0
    error_message = "nothing optional is made"
  }
}

run "without_webhook" {
  variables {
    webhook     = false
    event_url   = null
    event_token = null
  }

  assert {
    condition     = length(kubernetes_manifest.webhook) == 0
    error_message = "no webhook where none is wanted"
  }

  assert {
    condition     = !contains(flatten([for one in kubernetes_manifest.cluster_role.manifest.rules : one.resources]), "validatingwebhookconfigurations")
    error_message = "no webhook, no right to write one"
  }
}

run "own_authority" {
  variables {
    event_ca = "PEM"
  }

  assert {
    condition     = alltrue([for one in kubernetes_manifest.webhook[0].manifest.webhooks : one.clientConfig.caBundle == base64encode("PEM")])
    error_message = "the API server must know the authority"
  }
}

run "direct_needs_fewer_rights" {
  variables {
    delivery = "direct"
  }

  assert {
    condition     = [for one in kubernetes_manifest.cluster_role.manifest.rules : one.verbs if contains(one.resources, "secrets")] == [["get"]]
    error_message = "no Secret is written where none is mounted"
  }
}

run "webhook_needs_a_token" {
  command = plan
  variables {
    event_token = null
  }
  expect_failures = [kubernetes_manifest.webhook]
}

run "refuses_other_words" {
  command = plan
  variables {
    cluster         = "a/b"
    event_url       = "http://stunner.example.com"
    event_token     = "short"
    mode            = "both"
    delivery        = "push"
    delivery_object = "Pod"
  }
  expect_failures = [var.cluster, var.event_url, var.event_token, var.mode, var.delivery, var.delivery_object]
}
