import type * as z from "zod/mini";

interface PortLike {
  readonly name?: string | undefined;
  readonly port: number;
  readonly protocol: string;
}

interface SpecLike {
  readonly type: string;
  readonly clusterIP?: string | undefined;
  readonly externalName?: string | undefined;
  readonly ports?: readonly PortLike[] | undefined;
}

/** The API server's rules on a Service that span fields. */
export function checkService(payload: z.core.ParsePayload<SpecLike>): void {
  const { type, clusterIP, externalName, ports = [] } = payload.value;
  const report = (path: (string | number)[], message: string): void => {
    payload.issues.push({ code: "custom", input: payload.value, path, message });
  };
  if (type === "ExternalName") {
    if (!externalName) report(["externalName"], "must be given when type is ExternalName");
  } else if (ports.length === 0 && clusterIP !== "None") {
    report(["ports"], "must have at least one port, unless clusterIP is None");
  }
  const names = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach(({ name, port, protocol }, index) => {
    if (!name && ports.length > 1) report(["ports", index, "name"], "must be given when there are several ports");
    if (name && names.has(name)) report(["ports", index, "name"], "must be unique within the Service");
    if (name) names.add(name);
    const number = `${protocol} ${port}`;
    if (numbers.has(number)) report(["ports", index, "port"], "must be unique: another port has the same number and protocol");
    numbers.add(number);
  });
}
