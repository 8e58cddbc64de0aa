import { median } from "./statistics.ts";
import { renderTable } from "./table.ts";
import { judge, type Round, ratioToHandwritten, type SystemName, type Verdict } from "./targets.ts";

interface Row {
  readonly figure: string;
  readonly label: string;
  readonly digits: number;
  /** Of parts there is nothing to compare. */
  readonly compared: boolean;
}

const row = (figure: string, label: string, digits: number, compared = true): Row => ({ figure, label, digits, compared });

const PARTS = ["program", "gateway", "worker", "scheduler", "postgres", "nats"];
const partRows = (figure: string, digits: number, parts = PARTS) =>
  parts.map((part) => row(`${figure}.${part}`, `  ${part}`, digits, false));

const ROWS: readonly Row[] = [
  row("p50_ms", "latency one at a time, p50 ms", 2),
  row("p95_ms", "  p95 ms", 2),
  row("p99_ms", "  p99 ms", 2),
  row("runs_per_s_1", "runs/s, 1 in flight", 0),
  row("runs_per_s_10", "  10 in flight", 0),
  row("runs_per_s_100", "  100 in flight", 0),
  row("p50_ms_100", "  p50 ms at 100 in flight", 1),
  row("runs_per_s_slow_1", "50 ms model: runs/s, 1 in flight", 1),
  row("runs_per_s_slow_10", "  10 in flight (ideal 100)", 1),
  row("runs_per_s_slow_100", "  100 in flight (ideal 1000)", 0),
  row("cpu_ms_1", "CPU ms per run, one at a time", 2),
  ...partRows("cpu_ms_1", 2),
  row("cpu_ms_100", "CPU ms per run, 100 in flight", 2),
  ...partRows("cpu_ms_100", 2),
  row("cpu_ms_100.(client)", "  (the client, not counted)", 2, false),
  row("memory_mb", "peak memory, MB", 0),
  ...partRows("memory_mb", 0),
  row("cold_start_ms", "cold start to first run done, ms", 0),
  row("foreign_cores_1", "foreign load, cores: one at a time", 2, false),
  row("foreign_cores_100", "  100 in flight", 2, false),
  row("foreign_cores_slow_100", "  100 in flight, 50 ms model", 2, false),
];

export interface ReportInput {
  readonly systems: readonly { readonly name: SystemName; readonly title: string }[];
  readonly rounds: readonly Round[];
}

/** Medians by system, and how the two forms of OpenVibe compare with the hand-written program. */
export function toTable({ systems, rounds }: ReportInput): string {
  const verdicts = judge(rounds);
  const compared = (["embedded", "mesh"] as const).filter((name) => systems.some((system) => system.name === name));
  const titles = compared.map((name) => (name === "embedded" ? "(a) / hand-written" : "(b) / hand-written"));
  const lines = ROWS.flatMap(({ figure, label, digits, compared: isCompared }) => {
    const medians = systems.map(({ name }) => medianOf(rounds, name, figure));
    if (medians.every((value) => value === undefined)) return [];
    const cells = medians.map((value) => value?.toFixed(digits) ?? "");
    return [[label, ...cells, ...compared.map((name) => (isCompared ? compare(rounds, figure, name, verdicts) : ""))]];
  });
  return renderTable([["median", ...systems.map(({ title }) => title), ...titles], ...lines]);
}

function medianOf(rounds: readonly Round[], system: SystemName, figure: string): number | undefined {
  const values = rounds.map((round) => round[system]?.[figure]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

function compare(rounds: readonly Round[], figure: string, system: SystemName, verdicts: readonly Verdict[]): string {
  const ratio = ratioToHandwritten(rounds, figure, system);
  const verdict = verdicts.find((candidate) => candidate.figure === figure && candidate.system === system);
  const plain = ratio === undefined ? "" : `${ratio.toFixed(2)}x`;
  if (verdict === undefined) return plain;
  const { value, reached, atMost, atLeast } = verdict;
  const isShare = figure.startsWith("runs_per_s_slow");
  const shown = isShare ? `${(value * 100).toFixed(1)} % of its ideal` : plain;
  const limit = atMost === undefined ? `>= ${isShare ? `${(atLeast ?? 0) * 100} %` : atLeast}` : `<= ${atMost}`;
  return `${shown} (${limit}) ${reached ? "ok" : "MISSED"}`;
}
