/** Values of the labels of one series, in the order in which the metric names them. */
type LabelValues = readonly string[];

export interface Counter {
  add(labels?: LabelValues, by?: number): void;
}
export interface Gauge {
  set(value: number, labels?: LabelValues): void;
  /** Forgets every series: for gauges whose labels come and go. */
  clear(): void;
}
export interface Histogram {
  observe(value: number): void;
}

export interface Registry {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
  /** A gauge that is asked for its value when it is read. */
  gaugeOf(name: string, help: string, value: () => number): void;
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  /** Everything in the Prometheus text format 0.0.4. */
  text(): string;
}

export const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics of one process. A series without labels is there from the start, so that a rate over it works at once. */
export function createRegistry(): Registry {
  const families: (() => string)[] = [];

  function family(name: string, help: string, type: string, lines: () => Iterable<string>): void {
    families.push(() => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()].join("\n"));
  }

  function series(name: string, help: string, type: string, labels: readonly string[]): Map<string, number> {
    const values = new Map<string, number>(labels.length === 0 ? [[name, 0]] : []);
    family(name, help, type, () => [...values].map(([key, value]) => `${key} ${format(value)}`));
    return values;
  }

  return {
    counter(name, help, labels = []) {
      const values = series(name, help, "counter", labels);
      return {
        add(given = [], by = 1) {
          const key = seriesName(name, labels, given);
          values.set(key, (values.get(key) ?? 0) + by);
        },
      };
    },
    gauge(name, help, labels = []) {
      const values = series(name, help, "gauge", labels);
      return {
        set: (value, given = []) => void values.set(seriesName(name, labels, given), value),
        clear: () => values.clear(),
      };
    },
    gaugeOf(name, help, value) {
      family(name, help, "gauge", () => [`${name} ${format(value())}`]);
    },
    histogram(name, help, buckets) {
      const counts = buckets.map(() => 0);
      let count = 0;
      let sum = 0;
      family(name, help, "histogram", () => [
        ...buckets.map((bound, i) => `${name}_bucket{le="${format(bound)}"} ${counts[i] ?? 0}`),
        `${name}_bucket{le="+Inf"} ${count}`,
        `${name}_sum ${format(sum)}`,
        `${name}_count ${count}`,
      ]);
      return {
        observe(value) {
          count += 1;
          sum += value;
          for (const [i, bound] of buckets.entries()) if (value <= bound) counts[i] = (counts[i] ?? 0) + 1;
        },
      };
    },
    text: () => `${families.map((lines) => lines()).join("\n")}\n`,
  };
}

function seriesName(name: string, labels: readonly string[], values: LabelValues): string {
  if (labels.length === 0) return name;
  return `${name}{${labels.map((label, i) => `${label}="${escape(values[i] ?? "")}"`).join(",")}}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll("\n", String.raw`\n`);
}

function format(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
