import type * as z from "zod/mini";
import { isLoopback, isUnspecified, LOOPBACK, originOf } from "./settings/address.ts";
import type { ListenAddress } from "./settings/address.ts";
import { SettingsError } from "./settings/settings-error.ts";
import type { BadSetting } from "./settings/settings-error.ts";
import { ENVIRONMENT_WITHOUT_MEANING, SETTINGS, WITHOUT_MEANING } from "./settings/table.ts";
import type { SettingRow } from "./settings/table.ts";

type Name = keyof typeof SETTINGS;
type Values = { [K in Name]: z.output<(typeof SETTINGS)[K]["reader"]> };

/** What a command line gives: the texts by the name of the flag; a switch without a value is `true`. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting, read. Durations are milliseconds. */
export interface Settings extends Readonly<Omit<Values, "advertisedHost" | "cdsUrl" | "endpointsOnly" | "listen">> {
  /** false: Endpoints are read in place of EndpointSlices. */
  readonly endpointSlices: boolean;
  readonly listen: ListenAddress;
  /**
   * `http://host:port` at which pods reach CDS, the value of STUNNER_CONFIG_ORIGIN. `port` is the port that is really
   * listened on, where the settings leave it to the system (port 0).
   */
  configOrigin(port?: number): string;
  /** Whether the settings say at which address pods reach CDS. */
  readonly isAdvertised: boolean;
  /** One line for each flag or variable that is accepted and changes nothing. */
  readonly notes: readonly string[];
}

/**
 * Reads every setting from the command line, else the environment, else its default (DESIGN.md 4.1).
 * @throws {SettingsError} naming every setting that cannot be used
 * @example parseSettings({ "dataplane-mode": "legacy" }, process.env).mode // "legacy"
 */
export function parseSettings(flags: Flags, environment: Environment = {}): Settings {
  const bad: BadSetting[] = [];
  const profile = readProfile(flags, environment);
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries<SettingRow>(SETTINGS)) {
    const { setting, text } = given(row, flags, environment) ?? { setting: name, text: profile[name] ?? row.initial };
    const result = row.reader.safeParse(text);
    if (result.success) values[name] = result.data;
    else bad.push({ setting, value: text, accepted: result.error.issues.map((issue) => issue.message).join("; ") });
  }
  if (bad.length > 0) throw new SettingsError(bad);

  const { advertisedHost, cdsUrl, endpointsOnly, listen, ...rest } = values as Values;
  const advertised = advertisedHost || (isUnspecified(listen.host) ? LOOPBACK : listen.host);
  return {
    ...rest,
    listen,
    endpointSlices: !endpointsOnly,
    isAdvertised: cdsUrl !== "" || advertisedHost !== "",
    configOrigin: (port = listen.port) => cdsUrl || originOf({ host: advertised, port }),
    notes: notesOf(flags, environment),
  };
}

/**
 * Refuses to serve where others than this machine can connect, unless they need tokens or that is meant (rule I48), and TLS
 * with only half of what it takes.
 * @throws {SettingsError}
 */
export function refuseExposure({ listen, insecure, tokenKeys, tlsCert, tlsKey }: Settings): void {
  const bad: BadSetting[] = [];
  if (!isLoopback(listen.host) && !insecure && tokenKeys === "") {
    bad.push({
      setting: "--config-discovery-address",
      value: originOf(listen).slice("http://".length),
      accepted: "configurations hold TURN passwords and TLS keys: give a loopback address, or --token-keys or --insecure as well",
    });
  }
  if ((tlsCert === "") !== (tlsKey === "")) {
    const [setting, missing] = tlsCert ? ["--tls-cert", "--tls-key"] : ["--tls-key", "--tls-cert"];
    bad.push({ setting, value: tlsCert || tlsKey, accepted: `give ${missing} as well` });
  }
  if (bad.length > 0) throw new SettingsError(bad);
}

/** The defaults that `--upstream-compat` changes. What is set by itself still wins. */
function readProfile(flags: Flags, environment: Environment): Readonly<Record<string, string>> {
  const text = given(SETTINGS.upstreamCompat, flags, environment)?.text ?? "";
  const on = SETTINGS.upstreamCompat.reader.safeParse(text);
  if (!on.success || !on.data) return {};
  return { onInvalid: "teardown", certificates: "trust", referenceGrants: "permit", releaseAfter: "0", allowMassDelete: "true" };
}

function given(row: SettingRow, flags: Flags, environment: Environment): Given | undefined {
  const flag = row.flag === undefined ? undefined : flags[row.flag];
  const variable = row.env === undefined ? undefined : environment[row.env];
  // A variable that is set but empty counts only where the empty text means something (spec/resources.md 6.2).
  const fromEnvironment =
    row.env !== undefined && variable !== undefined && (variable !== "" || row.flag === undefined)
      ? { setting: row.env, text: variable }
      : undefined;
  if (flag === undefined) return fromEnvironment;
  // The upstream lets the variable win over a flag that says the default, which its stock install gives always.
  const yields = row === SETTINGS.mode && String(flag).toLowerCase() === row.initial;
  return yields && fromEnvironment ? fromEnvironment : { setting: `--${row.flag}`, text: String(flag) };
}

interface Given {
  readonly setting: string;
  readonly text: string;
}

function notesOf(flags: Flags, environment: Environment): string[] {
  const ofFlags = Object.entries(WITHOUT_MEANING)
    .filter(([flag]) => flags[flag] !== undefined)
    .map(([flag, { note }]) => `--${flag} changes nothing: ${note}`);
  const ofVariables = Object.entries(ENVIRONMENT_WITHOUT_MEANING)
    .filter(([variable]) => environment[variable])
    .map(([variable, note]) => `${variable} changes nothing: ${note}`);
  return [...ofFlags, ...ofVariables];
}
