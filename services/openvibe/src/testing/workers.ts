import type { Config, OpenedAdapters } from "@openvibe/composition";
import { type Clock, type OperatorDefinition, silentLogger } from "@openvibe/core";
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
  const all = new AsyncDisposableStack();
  let starting: Promise<Composed> | undefined;

  const diesWith = (write: RunWrite) => {
    const index = doomed.findIndex((step) => commits(write, step));
    if (index !== -1) doomed.splice(index, 1);
    return index !== -1;
  };
  const start = async (): Promise<Composed> => {
    const process = mortal({ ...adapters, diesWith, onDeath: begin });
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
      await starting?.catch(() => {});
      await all.disposeAsync();
    },
  };
}

/** Whether the newest events of the write say that the step ended. */
function commits({ outbox }: RunWrite, step: string): boolean {
  return outbox.events.some(({ type, node_id: nodeId }) => type === "node.completed" && nodeId === step);
}
