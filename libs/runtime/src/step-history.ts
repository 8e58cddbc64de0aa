import { type RunError, type RunMetrics, type State, type StepRecord, toIso } from "@openvibe/core";
import type { PlannedStep, Position } from "@openvibe/graph";

interface EndedStep {
  readonly step: PlannedStep;
  readonly attempt: number;
  readonly startedAt: number;
  readonly durationMs: number;
  /** What the step used. */
  readonly usage: RunMetrics;
  readonly patch: State;
  readonly next: Position;
  readonly error?: RunError;
  readonly skipped?: true;
}

/** What the steps of a run did since its last write, which carries it. */
export class StepHistory {
  #records: StepRecord[] = [];
  #tries = 1;
  #model: string | undefined;

  /** `made`: attempts before, over which the run has waited. */
  begin(made = 0): void {
    this.#tries = made + 1;
    this.#model = undefined;
  }

  retried(): void {
    this.#tries++;
  }

  answeredBy(model: string): void {
    this.#model = model;
  }

  ended({ step, attempt, startedAt, durationMs, usage, patch, next, error, skipped }: EndedStep): void {
    const { llm_calls, tokens_in, tokens_out, cost_usd } = usage;
    this.#records.push({
      node_id: step.id,
      kind: step.manifest.kind,
      attempt,
      tries: this.#tries,
      started_at: toIso(startedAt),
      duration_ms: durationMs,
      patch,
      next,
      ...(skipped === undefined ? {} : { skipped }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(llm_calls === 0 ? {} : { llm_calls, tokens_in, tokens_out, cost_usd }),
      ...(error === undefined ? {} : { error }),
    });
  }

  /** For the next write. */
  get unwritten(): { readonly history?: readonly StepRecord[] } {
    return this.#records.length === 0 ? NOTHING : { history: this.#records };
  }

  written(): void {
    if (this.#records.length > 0) this.#records = [];
  }
}

const NOTHING = {};
