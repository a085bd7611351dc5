import type { ClusterState } from "../resources/cluster.ts";
import { DEFAULT_REALM, STUNNER_GROUP } from "../resources/constants.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { StunnerdAuth } from "../resources/stunnerd-config.ts";
import { crossNamespace } from "./cross-namespace.ts";
import { failed, type Outcome } from "./outcome.ts";
import { nameOf } from "./problems.ts";
import type { Problem, RenderOptions } from "./result.ts";
import { secretText } from "./secret.ts";

/** Names of `authType` and of a Secret's `type`, exact and lower case (spec/rendering.md 4.4; `none` is I15). */
const AUTH_TYPES: Readonly<Record<string, "static" | "ephemeral">> = {
  static: "static",
  plaintext: "static",
  ephemeral: "ephemeral",
  timewindowed: "ephemeral",
  longterm: "ephemeral",
};

export interface RenderedAuth {
  readonly auth: StunnerdAuth;
  /** A cross-namespace reference that no ReferenceGrant allows (I49). */
  readonly warnings: readonly Problem[];
}

/** Where credentials come from: the inline fields or a Secret; a value that is not there is undefined. */
interface Source {
  readonly object: string;
  readonly typeField: string;
  readonly type: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly secret: string | undefined;
  readonly fields: { readonly username: string; readonly password: string; readonly secret: string };
}

/** The `auth` section. A Secret, where one is named, wins over all inline fields but the realm (spec/rendering.md 4.4). */
export function renderAuth(state: ClusterState, options: RenderOptions, gatewayConfig: GatewayConfig): Outcome<RenderedAuth> {
  const realm = gatewayConfig.spec?.realm || DEFAULT_REALM;
  if (!gatewayConfig.spec?.authRef) return fromSource(inlineSource(gatewayConfig), realm, []);
  const external = secretSource(state, options, gatewayConfig, gatewayConfig.spec.authRef);
  return external.failure ? external : fromSource(external.value.source, realm, external.value.warnings);
}

function inlineSource(gatewayConfig: GatewayConfig): Source {
  const spec = gatewayConfig.spec ?? {};
  return {
    object: nameOf(gatewayConfig),
    typeField: "spec.authType",
    type: spec.authType ?? undefined,
    username: spec.userName ?? undefined,
    password: spec.password ?? undefined,
    secret: spec.sharedSecret ?? undefined,
    fields: { username: "spec.userName", password: "spec.password", secret: "spec.sharedSecret" },
  };
}

type AuthRef = NonNullable<NonNullable<GatewayConfig["spec"]>["authRef"]>;

function secretSource(
  state: ClusterState,
  options: RenderOptions,
  gatewayConfig: GatewayConfig,
  ref: AuthRef,
): Outcome<{ source: Source; warnings: readonly Problem[] }> {
  const from = nameOf(gatewayConfig);
  const wrong = (field: string, reason: string, message: string) => failed(from, field, reason, message);
  if (ref.group && ref.group !== "v1") {
    return wrong("spec.authRef.group", "InvalidAuthRef", `group "${ref.group}" cannot hold credentials; accepted: the core group, ""`);
  }
  if (ref.kind && ref.kind !== "Secret") {
    return wrong("spec.authRef.kind", "InvalidAuthRef", `kind "${ref.kind}" cannot hold credentials; accepted: Secret`);
  }
  const home = gatewayConfig.metadata.namespace ?? "";
  const namespace = ref.namespace || home;
  const crossing = crossNamespace(
    state,
    options,
    { group: STUNNER_GROUP, kind: "GatewayConfig", namespace: home },
    { group: "", kind: "Secret", namespace, name: ref.name },
    { object: from, field: "spec.authRef" },
  );
  if (crossing.failure) return crossing;
  const secret = state.secrets.get(`${namespace}/${ref.name}`);
  if (!secret) {
    return wrong("spec.authRef", "AuthSecretNotFound", `Secret ${namespace}/${ref.name} does not exist`);
  }
  const read = (key: string) => secretText(secret, key);
  const source: Source = {
    object: nameOf(secret),
    typeField: "data.type",
    type: read("type"),
    username: read("username"),
    password: read("password"),
    secret: read("secret") ?? read("sharedSecret"),
    fields: { username: "data.username", password: "data.password", secret: "data.secret" },
  };
  return { value: { source, warnings: crossing.value } };
}

function fromSource(source: Source, realm: string, warnings: readonly Problem[]): Outcome<RenderedAuth> {
  const type = authType(source.type);
  if (type === undefined) {
    const accepted = Object.keys(AUTH_TYPES).join(", ");
    // The word itself is not repeated where it comes from a Secret: it may be a credential under the wrong key.
    return failed(source.object, source.typeField, "InvalidAuthType", `unknown authentication type; accepted: ${accepted}`);
  }
  const missing = (field: string) =>
    failed(source.object, field, "MissingCredential", `${type} authentication needs ${field.split(".").at(-1)}, which is not set`);
  if (type === "ephemeral") {
    if (source.secret === undefined) return missing(source.fields.secret);
    return { value: { auth: { type, realm, credentials: { secret: source.secret } }, warnings } };
  }
  if (source.username === undefined) return missing(source.fields.username);
  if (source.password === undefined) return missing(source.fields.password);
  const credentials = { password: source.password, username: source.username };
  return { value: { auth: { type, realm, credentials }, warnings } };
}

function authType(text: string | undefined): "static" | "ephemeral" | undefined {
  if (text === undefined) return "static";
  return Object.hasOwn(AUTH_TYPES, text) ? AUTH_TYPES[text] : undefined;
}
