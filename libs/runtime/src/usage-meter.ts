import type { RunMetrics } from "@openvibe/core";
import type { Completion } from "@openvibe/llm";

/** Adds up what a run uses. Begins with what earlier attempts committed. */
export class UsageMeter {
  #metrics: RunMetrics;

  constructor(committed: RunMetrics) {
    this.#metrics = committed;
  }

  /** A call to a model that was really made; `undefined` when it failed. */
  llmCall(completion: Omit<Completion, "content"> | undefined): void {
    const was = this.#metrics;
    this.#metrics = {
      ...was,
      llm_calls: was.llm_calls + 1,
      tokens_in: was.tokens_in + (completion?.tokensIn ?? 0),
      tokens_out: was.tokens_out + (completion?.tokensOut ?? 0),
      cache_read_tokens: was.cache_read_tokens + (completion?.cacheReadTokens ?? 0),
      cache_write_tokens: was.cache_write_tokens + (completion?.cacheWriteTokens ?? 0),
      cost_usd:
        completion === undefined
          ? was.cost_usd
          : was.cost_usd === null || completion.costUsd === null
            ? null
            : was.cost_usd + completion.costUsd,
    };
  }

  nodeExecuted(): void {
    this.#metrics = { ...this.#metrics, nodes_executed: this.#metrics.nodes_executed + 1 };
  }

  nodeFailed(): void {
    this.#metrics = { ...this.#metrics, nodes_failed: this.#metrics.nodes_failed + 1 };
  }

  metrics(durationSeconds: number): RunMetrics {
    return { ...this.#metrics, duration_seconds: durationSeconds };
  }
}
