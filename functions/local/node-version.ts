/** The least Node that the program runs on: `engines` of package.json, which a test compares. */
export const LEAST_NODE = "22.19";

/**
 * One line where this Node is too old for the program; undefined where it is not.
 * @param version as `process.versions.node` has it
 */
export function tooOldNode(version: string, path: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE.split(".").map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `stunner-serverless needs Node ${LEAST_NODE} or newer, and this is Node ${version} (${path})`;
}
