import { parseConfig } from "@openvibe/composition";
import type { SharedBucket } from "@openvibe/context";
import {
  type AnyOperator,
  type Duration,
  definitionOf,
  type JsonObject,
  newToken,
  OpenVibeError,
  type OpenVibeEvent,
  parseDuration,
  parseEventPattern,
  parsePublishedType,
  type Run,
  type RunId,
  silentLogger,
  type Tags,
  toIso,
  toTypeMatcher,
} from "@openvibe/core";
import type { LlmProvider } from "@openvibe/llm";
import type { WorkflowIds, WorkflowInput, WorkflowOutput } from "@openvibe/sdk";
import { compose } from "../compose.ts";
import { eventsOf, whenTold } from "../read-events.ts";
import { type Answers, type Asked, answerFor, recordingAsks } from "./asks.ts";
import { openGround, type TestServers } from "./ground.ts";
import { passTime } from "./pass-time.ts";
import { MOST_RUNS, patience } from "./patience.ts";
import { createReplies, noStep, type Prompt, type Replies } from "./replies.ts";
import { whenSettled } from "./settled.ts";
import { createTestRun, shownRun, type TestRun } from "./test-run.ts";
import { openTestSlots } from "./test-slots.ts";
import { startWorkers } from "./workers.ts";

export interface TestKitOptions {
  /** What `operator(…)` gives, classes with `@operator`, what `loadOperators` has read. */
  readonly operators: readonly AnyOperator[];
  /** What the model answers, by step. A step without a reply fails its run, and says so. */
  readonly replies?: Replies;
  /** A model of your own, instead of replies. */
  readonly llm?: LlmProvider;
  /** What operators answer that are not among `operators`: `{ "company_intel.research": (body) => ({ … }) }`. */
  readonly answers?: Answers;
  /** `"memory"`, or the servers to run on; those that OPENVIBE_TEST_NATS_URL and OPENVIBE_TEST_DATABASE_URL name by default, else memory. */
  readonly on?: "memory" | TestServers;
  /** How long anything is waited for, in real milliseconds; 4,000 in memory, 20,000 on servers by default. */
  readonly timeoutMs?: number;
}

/** Operators under test: all that a deployment has, in this process, with a scripted model and a clock that skips. Disposing drains and leaves nothing. */
export interface TestKit extends AsyncDisposable {
  /** Starts a run, as an activation does; typed by the operator. @throws what `Runtime.activate` throws */
  start<O extends AnyOperator, const Id extends WorkflowIds<O>>(
    operator: O,
    workflow: Id,
    input?: WorkflowInput<O, Id>,
    options?: { readonly idempotencyKey?: string; readonly tags?: Tags; readonly deadline?: Date },
  ): Promise<TestRun<WorkflowOutput<O, Id>>>;
  /** The same for an operator of a YAML file, by its id. */
  start(
    operatorId: string,
    workflow: string,
    input?: JsonObject,
    options?: { readonly idempotencyKey?: string; readonly tags?: Tags; readonly deadline?: Date },
  ): Promise<TestRun>;
  /** A run by its id: one that an event or another run has started. */
  run(runId: RunId): TestRun;
  /** All runs of the kit, or those of one operator or workflow, oldest first. */
  runs(filter?: { readonly operatorId?: string; readonly workflowId?: string }): Promise<readonly Run[]>;
  /** The time by the kit's clock. */
  now(): Date;
  /**
   * Lets time pass, up to 366 days, in no time: whatever comes due on the way happens at its time and in its order, and what follows from it. Nothing is early.
   * Steps that run are waited for first. Slots of `cron:` triggers come here alone, each at its time. With `down` nothing runs meanwhile, as if all
   * processes were gone: what came due is made good at the end, slots by their trigger's `catchUp`.
   */
  skip(span: Duration, options?: { readonly down?: boolean }): Promise<void>;
  /** Publishes an event from outside, as `POST /v1/events` does: it starts runs, and ends waits. @throws OpenVibeError OV_EVENT_TYPE_INVALID */
  publish(type: string, data?: JsonObject): Promise<void>;
  /** Resolves when nothing happens any more: each run has ended or waits, and what their events start is started. */
  settled(): Promise<void>;
  /** The worker dies, as by SIGKILL, when it has committed this step (once, of whichever run comes first), and another takes over. */
  killAfter(step: string): void;
  /** The stored events of the kit's runs so far whose type matches, in the log's order: `"lead.qualified"`, `"lead.*"`, all by default. @throws OpenVibeError OV_EVENT_TYPE_INVALID */
  events(pattern?: string): Promise<readonly OpenVibeEvent[]>;
  /** A bucket of shared context, by its full name. */
  context(bucket: string): SharedBucket;
  /** What operators asked each other, oldest first. */
  readonly asks: readonly Asked[];
  /** What the model was asked, oldest first; with `llm` of your own it is empty. */
  readonly prompts: readonly Prompt[];
}

const MEMORY_TIMEOUT_MS = 4_000; // below the five seconds that test runners give a test
const SERVERS_TIMEOUT_MS = 20_000;
/** Of the steps that run at the end of a test. */
const DRAIN_TIMEOUT_MS = 500;

/**
 * Opens a kit for one test.
 * @throws OpenVibeError OV_DEFINITION_INVALID (also: a reply for no step), OV_CONFIG_INVALID, OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE
 * @example
 * await using kit = await openTestKit({ operators: [nurture], replies: { assess: { score: 90 } } });
 * const run = await kit.start(nurture, "sequence", { email: "ada@example.com" });
 * await kit.skip("3d");
 */
export async function openTestKit(options: TestKitOptions): Promise<TestKit> {
  const { replies = {}, answers = {} } = options;
  const operators = options.operators.map(definitionOf);
  const scripted = createReplies(replies, operators);
  const ids = new Set(operators.map(({ manifest }) => manifest.id));
  await using opening = new AsyncDisposableStack();
  const ground = opening.use(await openGround(options.on));
  const { clock, adapters } = ground;
  const { store, bus } = adapters;
  const memory = bus.kind === "memory";
  const { timeoutMs = memory ? MEMORY_TIMEOUT_MS : SERVERS_TIMEOUT_MS } = options;
  const pacing = { timeoutMs, lookEveryMs: memory ? 2 : 20 };
  const begin = (await bus.log.bounds()).last;
  const config = {
    ...parseConfig({}),
    postedOperators: "none" as const,
    scheduler: "none" as const,
    keepRunsMs: Number.POSITIVE_INFINITY,
    drainTimeoutMs: DRAIN_TIMEOUT_MS,
  };
  for (const answering of await answerFor(bus.requests, answers)) opening.use(answering);
  const asks: Asked[] = [];
  const house = opening.use(
    await compose({ config, definitions: [], roles: ["scheduler", "event-relay"], listen: false, adapters, clock, logger: silentLogger }),
  );
  const workers = opening.use(
    await startWorkers({
      config,
      definitions: operators,
      adapters: { store, bus: recordingAsks(bus, asks) },
      clock,
      llm: options.llm ?? scripted.llm,
    }),
  );

  const slots = opening.use(await openTestSlots({ store, acceptor: house.acceptor, clock, definitions: operators }));

  const runs: TestKit["runs"] = async (filter = {}) => (await store.runs.list(filter, { limit: MOST_RUNS })).toReversed();
  const settled = async () => {
    await workers.ready();
    const late = (run: Run) => new OpenVibeError("OV_ASK_TIMEOUT", `${shownRun(run)} after ${timeoutMs} ms, and is waited for`);
    await whenSettled({ adapters, served: ids, reacted: house.reacted }, patience(pacing), late);
  };
  const { moveTo, storeTime } = ground;
  const timeline = {
    ...{ moveTo, storeTime, settled },
    nextDue: async () => soonest(await store.sweep.nextDue(), await store.heldEvents.nextDue(), slots.nextDue()),
    async sweep() {
      await house.sweep();
      await slots.look();
    },
  };
  const testRun = (runId: RunId) => createTestRun({ adapters, clock, ...pacing }, runId);
  const opened = opening.move();
  const kit = {
    async start(
      operator: AnyOperator | string,
      trigger: string,
      input: JsonObject = {},
      { deadline, ...given }: { idempotencyKey?: string; tags?: Tags; deadline?: Date } = {},
    ) {
      const until = deadline === undefined ? {} : { deadline: deadline.getTime() };
      const operatorId = typeof operator === "string" ? operator : definitionOf(operator).manifest.id;
      const { run } = await house.acceptor.accept({ operatorId, trigger, input, ...given, ...until });
      return testRun(run.runId);
    },
    run: testRun,
    runs,
    now: () => new Date(clock.now()),
    skip: async (span: Duration, how?: { readonly down?: boolean }) => await passTime(timeline, parseDuration(span, "skip"), how),
    async publish(given: string, data: JsonObject = {}) {
      const type = parsePublishedType(given);
      const nowhere = { operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null };
      await bus.log.append({ id: `ev_${newToken()}`, type, time: toIso(clock.now()), ...nowhere, data });
    },
    settled,
    killAfter(step: string) {
      const steps = operators.flatMap(({ workflows }) => [...workflows.values()].flatMap((workflow) => [...workflow.steps.keys()]));
      if (!steps.includes(step)) throw noStep("killAfter", step, steps);
      workers.killAfter(step);
    },
    async events(pattern = "*") {
      const parsed = parseEventPattern(pattern, (detail) => new OpenVibeError("OV_EVENT_TYPE_INVALID", `events: ${detail}`));
      const known = await runs();
      await whenTold(adapters, known, patience(pacing));
      const mine = new Set(known.map(({ runId }) => runId));
      const isMeant = toTypeMatcher([parsed]);
      const events = await eventsOf(adapters, { after: begin });
      return events.filter(({ type, runId }) => (runId === null || mine.has(runId)) && isMeant(type));
    },
    context: (bucket: string) => house.context.bucket(bucket),
    asks,
    prompts: scripted.prompts,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
  return kit as TestKit;
}

function soonest(...times: readonly (number | undefined)[]): number | undefined {
  const due = times.filter((time) => time !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}
