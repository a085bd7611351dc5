locals {
  # What infra/ makes, written by test/terraform/cluster-objects.ts. Rules are those of one who is told of changes and watches nothing.
  made   = jsondecode(file("${path.module}/objects.json"))
  mounts = local.made.mounts["${var.delivery} ${var.delivery_object}"]
  rules  = local.made.rules["${var.mode} ${local.mounts} ${var.endpoint_slices ? "slices" : "endpoints"} ${var.webhook ? "webhook" : "alone"}"]

  name   = "stunner-serverless"
  labels = { "app.kubernetes.io/name" = local.name }
  rbac   = "rbac.authorization.k8s.io"

  subjects = concat(
    [{ kind = "ServiceAccount", name = local.name, namespace = var.namespace }],
    [for name in var.users : { kind = "User", apiGroup = local.rbac, name = name }],
    [for name in var.groups : { kind = "Group", apiGroup = local.rbac, name = name }],
  )

  webhook = local.made.webhook[var.event_secrets ? "secrets" : "plain"]
  client = merge(
    { url = "${trimsuffix(coalesce(var.event_url, "https://none"), "/")}/v1/clusters/${var.cluster}/events/${coalesce(var.event_token, "none")}" },
    var.event_ca == null ? {} : { caBundle = base64encode(var.event_ca) },
  )
}

resource "kubernetes_manifest" "namespace" {
  count = var.create_namespace ? 1 : 0

  manifest = { apiVersion = "v1", kind = "Namespace", metadata = { name = var.namespace } }
}

resource "kubernetes_manifest" "service_account" {
  manifest = {
    apiVersion = "v1"
    kind       = "ServiceAccount"
    metadata   = { name = local.name, namespace = var.namespace, labels = local.labels }
  }

  depends_on = [kubernetes_manifest.namespace]
}

resource "kubernetes_manifest" "cluster_role" {
  manifest = {
    apiVersion = "${local.rbac}/v1"
    kind       = "ClusterRole"
    metadata   = { name = local.name, labels = local.labels }
    rules      = local.rules
  }
}

resource "kubernetes_manifest" "cluster_role_binding" {
  manifest = {
    apiVersion = "${local.rbac}/v1"
    kind       = "ClusterRoleBinding"
    metadata   = { name = local.name, labels = local.labels }
    roleRef    = { apiGroup = local.rbac, kind = "ClusterRole", name = local.name }
    subjects   = local.subjects
  }

  depends_on = [kubernetes_manifest.cluster_role, kubernetes_manifest.service_account]
}

resource "kubernetes_manifest" "token" {
  count = var.long_lived_token ? 1 : 0

  manifest = {
    apiVersion = "v1"
    kind       = "Secret"
    metadata = {
      name        = "${local.name}-token"
      namespace   = var.namespace
      labels      = local.labels
      annotations = { "kubernetes.io/service-account.name" = local.name }
    }
    type = "kubernetes.io/service-account-token"
  }

  # The cluster fills it in.
  computed_fields = ["metadata.annotations", "metadata.labels", "data"]

  depends_on = [kubernetes_manifest.service_account]
}

resource "kubernetes_manifest" "dataplane" {
  count = var.default_dataplane ? 1 : 0

  manifest = merge(local.made.dataplane, { spec = merge(local.made.dataplane.spec, var.image == null ? {} : { image = var.image }) })
}

resource "kubernetes_manifest" "webhook" {
  # Not by the URL, which is known only when it has been made.
  count = var.webhook ? 1 : 0

  manifest = merge(local.webhook, { webhooks = [for one in local.webhook.webhooks : merge(one, { clientConfig = local.client })] })

  # Passes keep the namespaces in it at those that are referred to.
  computed_fields = ["metadata.annotations", "metadata.labels", "webhooks"]

  field_manager {
    name            = "terraform"
    force_conflicts = true
  }

  lifecycle {
    precondition {
      condition     = var.event_url != null && var.event_token != null
      error_message = "event_url and event_token: a webhook needs both; webhook = false goes without."
    }
  }

  # What it tells of, passes must be allowed to look at.
  depends_on = [kubernetes_manifest.cluster_role_binding]
}

# Goes first when all is destroyed: it depends on everything.
resource "terraform_data" "teardown" {
  count = var.teardown == null ? 0 : 1

  input = {
    command    = var.teardown.command
    kubeconfig = var.teardown.kubeconfig
    store      = var.teardown.store
    cluster    = var.cluster
    mode       = var.mode
  }

  provisioner "local-exec" {
    when    = destroy
    command = "${self.input.command} teardown --yes"
    environment = {
      KUBECONFIG                              = self.input.kubeconfig
      STUNNER_STORE                           = self.input.store
      STUNNER_CLUSTER                         = self.input.cluster
      STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE = self.input.mode
    }
  }

  depends_on = [
    kubernetes_manifest.cluster_role_binding,
    kubernetes_manifest.dataplane,
    kubernetes_manifest.token,
    kubernetes_manifest.webhook,
  ]
}
