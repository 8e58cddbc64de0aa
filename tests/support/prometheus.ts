/** Reads Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Scrape {
  readonly contentType: string | null;
  /** Name -> type, as the TYPE lines say. */
  readonly families: ReadonlyMap<string, string>;
  /** Sum of the samples of this name that have all these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
  /** Every value that a label has anywhere. */
  labelValues(label: string): readonly string[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

export async function scrape(url: string): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`);
  const lines = (await response.text()).split("\n");
  const families = new Map(
    lines.flatMap((line) => {
      const [, name = "", type = ""] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      return name === "" ? [] : [[name, type] as const];
    }),
  );
  const samples = lines.flatMap(toSample);
  return {
    contentType: response.headers.get("content-type"),
    families,
    value: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
        .reduce((sum, { value }) => sum + value, 0),
    labelValues: (label) => [...new Set(samples.flatMap(({ labels }) => labels[label] ?? []))],
  };
}

function toSample(line: string): readonly Sample[] {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) return [];
  return [
    { name, value: Number(value), labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, text])) },
  ];
}
