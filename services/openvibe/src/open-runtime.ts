import { loadConfig } from "@openvibe/composition";
import {
  type AnyOperator,
  definitionOf,
  type JsonObject,
  OpenVibeError,
  type OpenVibeEvent,
  type Run,
  silentLogger,
  systemClock,
  type Tags,
  toIso,
} from "@openvibe/core";
import { publishOutbox } from "@openvibe/runtime";
import { compose } from "./compose.ts";
import { deferRuntime, refuseHandler } from "./deferred-runtime.ts";
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
  const found = await loadConfig(process.env);
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
  const { store: opened, bus, acceptor, context } = composed;
  const getRun = async (runId: string): Promise<Run> => {
    const run = await opened.runs.find(runId);
    if (run === undefined) throw new OpenVibeError("OV_RUN_NOT_FOUND", `there is no run ${runId}`);
    return run;
  };
  /** Here nobody has an address to read it from. */
  const withData = async ({ dataref, ...event }: OpenVibeEvent): Promise<OpenVibeEvent> => {
    const { operatorId, sequence } = event;
    if (dataref === undefined || operatorId === null || event.runId === null || sequence === null) return event;
    const text = await opened.eventData.find({ operatorId, runId: event.runId, sequence });
    return text === undefined ? { ...event, dataref } : { ...event, data: JSON.parse(text) as JsonObject };
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
    find: (runId: string) => opened.runs.find(runId),
    async cancel(runId: string) {
      const { operatorId } = await getRun(runId);
      const event = { type: "run.cancelled", time: toIso(systemClock.now()), data: { status: "cancelled" } };
      const result = await opened.runs.cancel({ operatorId, runId, event });
      if (result.did === "cancelled") await publishOutbox({ bus, store: opened, clock: systemClock }, result.run, result.outbox);
      if (result.did === "requested") bus.signals.control({ operatorId, verb: "cancel", runId, body: {} });
    },
    context: (name: string) => context.bucket(name),
    async events(runId: string) {
      const events: OpenVibeEvent[] = [];
      for await (const { event } of bus.log.read(0, { runId }, new AbortController().signal)) events.push(await withData(event));
      return events;
    },
    [Symbol.asyncDispose]: () => composed[Symbol.asyncDispose](),
  };
  return runtime as Runtime;
}
