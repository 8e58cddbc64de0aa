import type { Config, OpenedAdapters } from "@openvibe/composition";
import { type Clock, type OperatorDefinition, type RunId, silentLogger } from "@openvibe/core";
import type { LlmProvider } from "@openvibe/llm";
import type { RunWrite } from "@openvibe/store";
import { type Composed, compose } from "../compose.ts";
import { mortal } from "./mortal.ts";

export interface WorkersOptions {
  readonly config: Config;
  readonly definitions: readonly OperatorDefinition[];
  readonly adapters: OpenedAdapters;
  readonly clock: Clock;
  readonly llm: LlmProvider;
}

/** The worker of a test, and the next one when it is killed. Disposing drains the living one. */
export interface Workers extends AsyncDisposable {
  /** The worker dies when it has committed this step: once, of whichever run comes to it first. */
  killAfter(step: string): void;
  /** Resolves when a worker takes work. */
  ready(): Promise<void>;
}

export async function startWorkers({ config, definitions, adapters, clock, llm }: WorkersOptions): Promise<Workers> {
  const doomed: string[] = [];
  /** The newest event of each run that is committed: what comes behind it is of the write at hand. */
  const committed = new Map<RunId, number>();
  let closing = false;
  const all = new AsyncDisposableStack();
  let starting: Promise<Composed> | undefined;

  const diesWith = ({ runId, outbox }: RunWrite) => {
    const before = committed.get(runId) ?? -1;
    const added = outbox.events.slice(Math.max(0, before + 1 - outbox.from));
    committed.set(runId, outbox.from + outbox.events.length - 1);
    const ended = added.flatMap(({ type, node_id: nodeId }) => (type === "node.completed" ? [nodeId] : []));
    const index = doomed.findIndex((step) => ended.includes(step));
    if (index !== -1) doomed.splice(index, 1);
    return index !== -1;
  };
  const start = async (): Promise<Composed> => {
    const process = mortal({ ...adapters, diesWith, onDeath: () => void (closing || begin()) });
    const worker = await compose({
      config,
      definitions,
      roles: ["worker"],
      listen: false,
      adapters: process.adapters,
      clock,
      llm,
      logger: silentLogger,
    });
    all.use(worker);
    all.use(process); // disposed before the worker: what hangs in a dead one ends, so that it can drain
    return worker;
  };
  function begin(): void {
    starting = start();
    starting.catch(() => {}); // `ready` tells
  }
  begin();
  await starting;
  return {
    killAfter: (step) => void doomed.push(step),
    async ready() {
      await starting;
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      await starting?.catch(() => {});
      await all.disposeAsync();
    },
  };
}
