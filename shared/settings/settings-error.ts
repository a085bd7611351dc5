/** One setting that cannot be used: where it was given, what was given, what is accepted. */
export interface BadSetting {
  /** `--flag`, or the name of the environment variable that the value came from. */
  readonly setting: string;
  readonly value: string;
  readonly accepted: string;
}

/** Settings that cannot be used. The message has one line per setting and never a secret. */
export class SettingsError extends Error {
  readonly code = "InvalidSettings";
  readonly retryable = false;
  readonly settings: readonly BadSetting[];

  constructor(settings: readonly BadSetting[]) {
    super(settings.map(({ setting, value, accepted }) => `${setting}: "${redact(value)}" is not accepted; ${accepted}`).join("\n"));
    this.name = "SettingsError";
    this.settings = settings;
  }
}

/** Takes user and password out of a URL, and line breaks and excess out of anything. */
function redact(value: string): string {
  const flat = value.replaceAll(/:\/\/[^/?#]*@/g, "://***@").replaceAll(/\s+/g, " ");
  return flat.length > 120 ? `${flat.slice(0, 120)}…` : flat;
}
