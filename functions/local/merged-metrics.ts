/** Metrics of the process, the same whichever cluster they are read for. */
const OF_PROCESS = /^process_/;

/**
 * Metrics of several clusters in one text: the names stay, and what belongs to a cluster has a label `cluster` in front of its
 * others.
 * @param texts in the Prometheus text format, by the name of the cluster
 */
export function mergedMetrics(texts: ReadonlyMap<string, string>): string {
  const families = new Map<string, { readonly head: Set<string>; readonly samples: Map<string, string> }>();
  for (const [cluster, text] of texts) {
    let family = { head: new Set<string>(), samples: new Map<string, string>() };
    for (const line of text.split("\n")) {
      const name = /^# HELP (\S+)/.exec(line)?.[1];
      if (name !== undefined) {
        family = families.get(name) ?? { head: new Set(), samples: new Map() };
        families.set(name, family);
      }
      if (line.startsWith("#")) family.head.add(line);
      else if (line) family.samples.set(...labelled(line, cluster));
    }
  }
  return `${[...families.values()].flatMap(({ head, samples }) => [...head, ...samples.values()]).join("\n")}\n`;
}

/** The series and its line. */
function labelled(line: string, cluster: string): [series: string, line: string] {
  const series = line.slice(0, line.lastIndexOf(" "));
  const value = line.slice(series.length);
  if (OF_PROCESS.test(line)) return [series, line];
  const [, name = "", rest = ""] = /^([^{]+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const own = `${name}{cluster="${cluster}"${rest && `,${rest}`}}`;
  return [own, `${own}${value}`];
}
