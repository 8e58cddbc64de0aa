import {
  type AnyOperator,
  definitionOf,
  type JsonObject,
  OpenVibeError,
  type Run,
  silentLogger,
  systemClock,
  type Tags,
  toIso,
} from "@openvibe/core";
import { publishOutbox } from "@openvibe/runtime";
import { compose } from "./compose.ts";
import { deferRuntime, refuseHandler } from "./deferred-runtime.ts";
import { loadConfigured } from "./load-configured.ts";
import { eventsOf } from "./read-events.ts";
import type { Runtime, RuntimeOptions } from "./runtime.ts";

const WAIT_MS = 300_000;

/** Definitions start at once. With YAML files among them the first use does it, as code may register handlers before. */
export async function openRuntime({ operators, ...options }: RuntimeOptions): Promise<Runtime> {
  const texts = operators.filter((each) => typeof each === "string");
  const definitions = operators.filter((each) => typeof each !== "string");
  if (texts.length === 0) return await startRuntime({ ...options, operators: definitions });
  const { openYamlFile } = await import("./yaml-file.ts");
  const files = await Promise.all(texts.map(openYamlFile));
  return deferRuntime(files, () => startRuntime({ ...options, operators: [...definitions, ...files.flatMap((file) => file.compile())] }));
}

type Definitions = Omit<RuntimeOptions, "operators"> & { readonly operators: readonly AnyOperator[] };

async function startRuntime({ operators, llm, store = ":memory:" }: Definitions): Promise<Runtime> {
  const found = await loadConfigured();
  const alone = { ...found, postedOperators: "none" } as const; // nothing can be posted here
  const config = found.store.kind === "postgres" ? alone : { ...alone, store: { kind: "sqlite", path: store } as const };
  const composed = await compose({
    config,
    definitions: operators.map(definitionOf),
    roles: ["worker", "event-relay", "scheduler"],
    listen: false,
    logger: silentLogger,
    ...(llm === undefined ? {} : { llm }),
  });
  const { store: opened, bus, acceptor, context, hooks } = composed;
  const getRun = async (runId: string): Promise<Run> => {
    const run = await opened.runs.find(runId);
    if (run === undefined) throw new OpenVibeError("OV_RUN_NOT_FOUND", `there is no run ${runId}`);
    return run;
  };
  const runtime = {
    handler: refuseHandler,
    async start() {},
    async activate(
      operator: AnyOperator | string,
      workflow: string,
      input: JsonObject,
      { deadline, ...activation }: { idempotencyKey?: string; tags?: Tags; deadline?: Date } = {},
    ) {
      const ready = hooks.ready();
      if (ready !== undefined) await ready; // what this run does is heard by those who are to hear it
      const operatorId = typeof operator === "string" ? operator : definitionOf(operator).manifest.id;
      const until = deadline === undefined ? {} : { deadline: deadline.getTime() };
      const { run } = await acceptor.accept({ operatorId, trigger: workflow, input, ...activation, ...until });
      return {
        runId: run.runId,
        async ended({ timeoutMs = WAIT_MS }: { timeoutMs?: number } = {}) {
          const ended = await acceptor.waiter.wait(run.runId, { timeoutMs, signal: new AbortController().signal });
          if (ended === undefined || ended.completedAt === null)
            throw new OpenVibeError("OV_ASK_TIMEOUT", `run ${run.runId} had not ended after ${timeoutMs} ms`);
          return ended;
        },
      };
    },
    on: hooks.on,
    off: hooks.off,
    find: (runId: string) => opened.runs.find(runId),
    async cancel(runId: string) {
      const { operatorId } = await getRun(runId);
      const event = { type: "run.cancelled", time: toIso(systemClock.now()), data: { status: "cancelled" } };
      const result = await opened.runs.cancel({ operatorId, runId, event });
      if (result.did === "cancelled") await publishOutbox({ bus, store: opened, clock: systemClock }, result.run, result.outbox);
      if (result.did === "requested") bus.signals.control({ operatorId, verb: "cancel", runId, body: {} });
    },
    context: (name: string) => context.bucket(name),
    events: (runId: string) => eventsOf({ store: opened, bus }, { runId }),
    [Symbol.asyncDispose]: () => composed[Symbol.asyncDispose](),
  };
  return runtime as Runtime;
}
