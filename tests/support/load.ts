import { setTimeout as sleep } from "node:timers/promises";
import type { Accepted } from "./checker.ts";

export interface LoadOptions {
  /** Gateways to spread over; a failed one is tried again at the next. */
  readonly urls: readonly string[];
  /** Activations in all; with `until` at least so many, and at most four times that. */
  readonly count: number;
  /** The load goes on until this has resolved. */
  readonly until?: Promise<unknown>;
  /** Milliseconds between two of them. */
  readonly everyMs: number;
  readonly pauseMs: number;
  readonly input?: (number: number) => Readonly<Record<string, unknown>>;
  /** Begins the idempotency keys; another load on the same mesh needs another one. */
  readonly keys?: string;
  /** What each number starts: `load`'s `count` by default. */
  readonly target?: (number: number) => Target;
  readonly signal?: AbortSignal;
}

export interface Target {
  readonly operator: string;
  readonly workflow: string;
}

const COUNT: Target = { operator: "load", workflow: "count" };

/** What the clients saw. */
export interface LoadLog {
  readonly accepted: Accepted[];
  /** Activations that were begun. */
  asked: number;
  readonly refused: { readonly number: number; readonly status: number; readonly body: string }[];
  /** Asked again with the same key after a failed try. */
  retries: number;
}

/** Activates runs at a steady pace as careful clients do: every request has a key, and a failed one is asked again with it until it is answered. */
export function startLoad({
  urls,
  count,
  until = Promise.resolve(),
  everyMs,
  pauseMs,
  input = () => ({}),
  keys = "load",
  target = () => COUNT,
  signal,
}: LoadOptions): {
  readonly log: LoadLog;
  readonly done: Promise<void>;
} {
  const log: LoadLog = { accepted: [], asked: 0, refused: [], retries: 0 };
  const activate = async (number: number) => {
    const { operator, workflow } = target(number);
    for (let attempt = 0; signal?.aborted !== true; attempt++) {
      const url = urls[(number + attempt) % urls.length] ?? "";
      try {
        const response = await fetch(`${url}/v1/operators/${operator}/activate`, {
          method: "POST",
          headers: { "content-type": "application/json", "idempotency-key": `${keys}-${number}` },
          body: JSON.stringify({ trigger: workflow, input: { number, pause_ms: pauseMs, ...input(number) } }),
          signal: AbortSignal.timeout(15_000),
        });
        const body = await response.text();
        if (response.status === 202) {
          const run = JSON.parse(body) as { run_id: string; input: { number: number } };
          log.accepted.push({ runId: run.run_id, number: run.input.number, at: Date.now() });
          return;
        }
        if (response.status < 500) {
          log.refused.push({ number, status: response.status, body });
          return;
        }
      } catch {
        // not answered: whether it was accepted is not known, so the same key is asked again
      }
      log.retries++;
      await sleep(200);
    }
  };
  const send = async () => {
    let over = false;
    const end = () => {
      over = true;
    };
    until.then(end, end);
    const answers: Promise<void>[] = [];
    while ((log.asked < count || (!over && log.asked < 4 * count)) && signal?.aborted !== true) {
      answers.push(activate(log.asked++));
      await sleep(everyMs);
    }
    await Promise.all(answers);
  };
  return { log, done: send() };
}
