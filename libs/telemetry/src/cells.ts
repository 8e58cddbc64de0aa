import { Counter, type Registry } from "prom-client";
import { createChildren } from "./children.ts";
import type { createFold } from "./fold.ts";

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
  fold: ReturnType<typeof createFold>,
): (name: string, row: { readonly help: string; readonly labels: readonly string[] }) => (...labels: readonly string[]) => Cell {
  return (name, { help, labels: labelNames }) => {
    const cells: { readonly labels: readonly string[]; readonly cell: Cell; told: number }[] = [];
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        for (const entry of cells) {
          this.labels(...entry.labels).inc(entry.cell.value - entry.told);
          entry.told = entry.cell.value;
        }
      },
    });
    return createChildren(labelNames, fold, (labels) => {
      const entry = { labels, cell: { value: 0 }, told: 0 };
      cells.push(entry);
      return entry.cell;
    });
  };
}
