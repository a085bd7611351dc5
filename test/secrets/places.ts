/** What was found in temporary directories: a line each. */
export const FOUND = "found.txt";

/** A rule about what is searched, and why. */
interface Rule {
  readonly what: RegExp;
  readonly why: string;
}

/** Command lines of the programs that are shipped, or rendered: what any of them says is searched. */
const OURS = /\/cli\.[jt]s |functions-framework|aws-lambda-ric|^(?:\S*\/)?nginx |pull\.sh|support\/stunnerd\//;

/** Programs that say secrets since that is what they are for. */
export const TELL: readonly Rule[] = [
  { what: /cli\.\w+ token (mint|rotate)\b/, why: "makes tokens" },
  { what: /cli\.\w+ ice\b/, why: "prints TURN credentials" },
  { what: /cli\.\w+ render\b/, why: "prints configurations and Secrets; what it says of what is wrong is searched, since that goes to standard error" },
  { what: /cli\.\w+ manifests\b/, why: "prints the webhook, whose URL holds a token" },
];

/** Files that processes leave in their temporary directories: object store, directory of objects, logs. */
const WRITTEN = /\/clusters\/[^/]+\/|\/[A-Z][A-Za-z]+\/[^/]+\/[^/]+\.yaml$|\.log$/;

/** Of those, the ones that hold secrets by design. */
export const HOLD: readonly Rule[] = [
  { what: /\/clusters\/[^/]+\/configs\//, why: "configurations: passwords and keys are what they are for" },
  { what: /\/Secret\//, why: "Secrets" },
  { what: /\/ConfigMap\/.*-stunner-delivery\.yaml$/, why: "the configuration, where delivery configmap was told to use a ConfigMap" },
  { what: /\/audit[^/]*\.log$/, why: "the audit log of the API server, which has whole requests" },
];

/** Whether a stream (1: standard output, 2: standard error) of a program is searched. */
export function isSearched(command: string, stream: 1 | 2): boolean {
  return OURS.test(command) && (stream === 2 || !TELL.some(({ what }) => what.test(command)));
}

/** Whether a file of a temporary directory is searched. */
export function isSearchedFile(path: string): boolean {
  return WRITTEN.test(path) && !HOLD.some(({ what }) => what.test(path));
}
