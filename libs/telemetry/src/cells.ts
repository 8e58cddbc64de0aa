import { Counter, type Registry } from "prom-client";

/** A number that counts up; what it holds when Prometheus asks is what is told. */
export interface Cell {
  value: number;
}

/**
 * Makes counters whose hot path is one map lookup and one addition: a cell per combination of labels, handed to prom-client when it is asked.
 * (prom-client itself checks and hashes the labels at every increment.)
 */
export function createCells(
  registry: Registry,
): (name: string, help: string, labelNames: readonly string[]) => (...labels: readonly string[]) => Cell {
  return (name, help, labelNames) => {
    const cells = new Map<string, { readonly labels: readonly string[]; readonly cell: Cell; told: number }>();
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        for (const entry of cells.values()) {
          this.labels(...entry.labels).inc(entry.cell.value - entry.told);
          entry.told = entry.cell.value;
        }
      },
    });
    return (...labels) => {
      const key = labels.length === 1 ? (labels[0] ?? "") : labels.join("\n");
      let entry = cells.get(key);
      if (entry === undefined) {
        entry = { labels, cell: { value: 0 }, told: 0 };
        cells.set(key, entry);
      }
      return entry.cell;
    };
  };
}
