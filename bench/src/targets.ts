import type { Figures } from "./measure.ts";
import { median } from "./statistics.ts";
import type { SystemKind } from "./systems/system.ts";

export type SystemName = SystemKind["name"];

/** One round: what each system that took part showed. */
export type Round = Readonly<Partial<Record<SystemName, Figures>>>;

export interface Target {
  /** The row of the table that it stands in. */
  readonly figure: string;
  readonly system: "embedded" | "mesh";
  /** Of one round. */
  readonly of: (round: Round) => number | undefined;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Verdict extends Target {
  /** The median of the rounds' values: a ratio within a round stands still where the machine's speed does not. */
  readonly value: number;
  readonly reached: boolean;
}

/** Two model steps of 50 ms: one lane finishes at most 10 runs a second. */
const RUNS_PER_S_PER_LANE = 10;

const toHandwritten = (figure: string, system: SystemName) => (round: Round) =>
  quotient(round[system]?.[figure], round.handwritten?.[figure]);

const slowTarget = (system: Target["system"], inFlight: 10 | 100): Target => ({
  figure: `runs_per_s_slow_${inFlight}`,
  system,
  of(round) {
    const figures = round[system];
    const ideal = inFlight * RUNS_PER_S_PER_LANE;
    const atOnce = inFlight === 100 ? (figures?.runs_per_s_100 ?? Number.NaN) : Number.POSITIVE_INFINITY;
    return quotient(figures?.[`runs_per_s_slow_${inFlight}`], Math.min(ideal, atOnce));
  },
  atLeast: 0.85,
});

const TARGETS: readonly Target[] = [
  { figure: "p50_ms", system: "embedded", of: toHandwritten("p50_ms", "embedded"), atMost: 0.3 },
  { figure: "p50_ms", system: "mesh", of: toHandwritten("p50_ms", "mesh"), atMost: 0.55 },
  { figure: "runs_per_s_100", system: "embedded", of: toHandwritten("runs_per_s_100", "embedded"), atLeast: 6 },
  { figure: "runs_per_s_100", system: "mesh", of: toHandwritten("runs_per_s_100", "mesh"), atLeast: 5 },
  slowTarget("embedded", 10),
  slowTarget("mesh", 10),
  slowTarget("embedded", 100),
  slowTarget("mesh", 100),
];

/** Leaves out what was not measured. */
export function judge(rounds: readonly Round[]): Verdict[] {
  return TARGETS.flatMap((target) => {
    const values = rounds.map(target.of).filter((value) => value !== undefined);
    if (values.length === 0) return [];
    const value = median(values);
    return [{ ...target, value, reached: value <= (target.atMost ?? Number.POSITIVE_INFINITY) && value >= (target.atLeast ?? 0) }];
  });
}

/** The median of the rounds' ratios to the hand-written program. */
export function ratioToHandwritten(rounds: readonly Round[], figure: string, system: SystemName): number | undefined {
  const ratios = rounds.map(toHandwritten(figure, system)).filter((value) => value !== undefined);
  return ratios.length === 0 ? undefined : median(ratios);
}

function quotient(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}
