/** Calls the handlers that an operator has for its runs' events (`operator(id, { on })`): beside the run, never in its way. */
import {
  type HookCode,
  type Logger,
  messageOf,
  OpenVibeError,
  type OpenVibeEvent,
  type OperatorDefinition,
  silentLogger,
  toTypeMatcher,
} from "@openvibe/core";
import { pause } from "./patience.ts";

/** How long a handler is waited for, in milliseconds: then its signal aborts, and it is logged. */
const HOOK_MS = 5_000;

export type TellHooks = (event: OpenVibeEvent) => void;

export interface OperatorHooksOptions {
  readonly logger: Logger;
  /** Calls what it is given outside of whatever runs now. */
  readonly outside: (call: () => void) => void;
  readonly withinMs?: number;
}

export class OperatorHooks {
  readonly #options: OperatorHooksOptions;
  readonly #open = new Set<Promise<void>>();

  constructor(options: OperatorHooksOptions) {
    this.#options = options;
  }

  /** What tells an operator's handlers of an event that is committed; nothing where it has none. */
  tellerOf({ hooks = [] }: Pick<OperatorDefinition, "hooks">): TellHooks | undefined {
    if (hooks.length === 0) return undefined;
    const listening = hooks.map((hook) => ({ hook, matches: toTypeMatcher([hook.type]) }));
    return (event) => {
      for (const { hook, matches } of listening) if (matches(event.type)) this.#options.outside(() => this.#begin(hook, event));
    };
  }

  /** Resolves when no handler runs: within the time that one may take. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  #begin(hook: HookCode, event: OpenVibeEvent): void {
    const called = this.#call(hook, event)
      .catch((error: unknown) => this.#log(event, error))
      .finally(() => this.#open.delete(called));
    this.#open.add(called);
  }

  async #call({ call }: HookCode, event: OpenVibeEvent): Promise<void> {
    const { withinMs = HOOK_MS } = this.#options;
    const late = new OpenVibeError("OV_NODE_TIMEOUT", `it took longer than ${withinMs} ms`);
    const [ended, enough] = [new AbortController(), new AbortController()];
    // Data of its own: what a handler does to it must not be what is published.
    const called = (async () => await call({ ...event, data: structuredClone(event.data) }, { signal: enough.signal }))();
    const tooLate = pause(withinMs, ended.signal).then(() => {
      if (ended.signal.aborted) return;
      enough.abort(late);
      throw late;
    });
    try {
      await Promise.race([called, tooLate]);
    } finally {
      ended.abort();
    }
  }

  #log({ type, runId, operatorId }: OpenVibeEvent, err: unknown): void {
    const { logger } = this.#options;
    // Inside another program nobody logs: Node's own warnings do.
    if (logger === silentLogger) process.emitWarning(`operator ${operatorId}, on ${type}: ${messageOf(err)}`, "OpenVibeWarning");
    else logger.error({ event_type: type, run_id: runId, operator_id: operatorId, err }, "a hook's handler failed");
  }
}
