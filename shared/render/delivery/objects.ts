import type { Delivery, RemoteDelivery } from "../../resources/delivery.ts";
import type { Gateway } from "../../resources/gateway.ts";
import { serializeConfig, type StunnerdConfig } from "../../resources/stunnerd-config.ts";
import { gatewayOwner, ownedLabels } from "../owner.ts";
import type { DesiredObject } from "../result.ts";
import { configPath } from "./config-path.ts";
import { curlConfig, curlToken, pullScript } from "./curl.ts";
import { deliveryName } from "./names.ts";
import { NGINX_SCRIPT, nginxConfig, TOKEN_SCRIPT } from "./nginx.ts";
import { CA_FILE, CONFIG_FILE } from "./paths.ts";

type Texts = Readonly<Record<string, string>>;

/** The Secret and the ConfigMap that the pods of a Gateway mount (DESIGN.md 4.3). @param port of the proxy */
export function deliveryObjects(delivery: Delivery | undefined, gateway: Gateway, config: StunnerdConfig, port: number): DesiredObject[] {
  switch (delivery?.kind) {
    case "proxy":
    case "pull":
      return [configMap(gateway, settingsOf(delivery, gateway, port)), tokenSecret(delivery, gateway)];
    case "configmap": {
      const data = { [CONFIG_FILE]: serializeConfig(config) };
      return [delivery.object === "Secret" ? secret(gateway, data) : configMap(gateway, data)];
    }
    default:
      return [];
  }
}

/** What opens the Gateway's configuration, and nothing else. */
export function tokenSecret(delivery: RemoteDelivery, gateway: Gateway): DesiredObject {
  const { namespace = "", name, uid = "" } = gateway.metadata;
  const token = delivery.token({ namespace, name, uid });
  return secret(gateway, delivery.kind === "proxy" ? { token } : { "curl.conf": curlToken(token) });
}

function settingsOf(delivery: RemoteDelivery, gateway: Gateway, port: number): Texts {
  const path = configPath(gateway);
  const files: Texts =
    delivery.kind === "proxy"
      ? { "nginx.conf": nginxConfig(delivery, path, port), "proxy.sh": NGINX_SCRIPT, "token.js": TOKEN_SCRIPT }
      : { "curl.conf": curlConfig(delivery, path), "pull.sh": pullScript(delivery.pollSeconds) };
  return { ...(delivery.ca === undefined ? {} : { [CA_FILE]: delivery.ca }), ...files };
}

function configMap(gateway: Gateway, data: Texts): DesiredObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: metadataOf(gateway), data };
}

function secret(gateway: Gateway, texts: Texts): DesiredObject {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
  return { apiVersion: "v1", kind: "Secret", metadata: metadataOf(gateway), type: "Opaque", data };
}

function metadataOf(gateway: Gateway): DesiredObject["metadata"] {
  const { name, namespace = "" } = gateway.metadata;
  return { name: deliveryName(name), namespace, labels: ownedLabels(gateway), ownerReferences: [gatewayOwner(gateway)] };
}
