const PREFIX = "service.beta.kubernetes.io/";

/**
 * The port on which a cloud load balancer probes, from its own annotations: integer port and protocol TCP or HTTP
 * (spec/resources.md 2.5). Where several keys match one role the first in ascending order counts.
 */
export function healthCheckPort(annotations: Readonly<Record<string, string>>): number | undefined {
  const find = (ending: string) => {
    const key = Object.keys(annotations)
      .sort()
      .find((one) => one.startsWith(PREFIX) && one.includes("health") && one.endsWith(ending));
    return key === undefined ? undefined : annotations[key];
  };
  const port = find("port");
  const protocol = find("protocol")?.toUpperCase();
  if (port === undefined || !/^\+?\d+$/.test(port) || (protocol !== "TCP" && protocol !== "HTTP")) return undefined;
  const number = Number(port);
  return number > 0 && number <= 65_535 ? number : undefined;
}
