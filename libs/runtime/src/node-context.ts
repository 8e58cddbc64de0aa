import { hash } from "node:crypto";
import type { RequestEnvelope, Requests } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import {
  type AskOptions,
  type Clock,
  type ContextBucket,
  checkHops,
  findJsonFault,
  isOpenVibeError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type LlmCall,
  type Logger,
  type NodeContext,
  type NodeId,
  OpenVibeError,
  type PendingEvent,
  parseDuration,
  parseId,
  parsePublishedType,
  type Run,
  type RunCause,
  toIso,
  toTriggerEvent,
} from "@openvibe/core";
import type { Completion, LlmProvider } from "@openvibe/llm";
import { AskNumbers } from "./ask-numbers.ts";
import type { DurableAsk, DurableAsks } from "./durable-asks.ts";
import { runFields } from "./log-fields.ts";
import { createOnce, findOnce, type KeptResults } from "./once.ts";
import { patiently, pause } from "./patience.ts";
import type { Tried } from "./retrying.ts";

const ASK_TIMEOUT_MS = 30_000;
/** Longer answers are waited for without a worker, where that can be. */
const LONGEST_HELD_ASK_MS = 300_000;
const ASK_AGAIN_MS = 250;
/** As much as a state may have: below what every bus carries in one message. */
const MAX_PAYLOAD_BYTES = 512 * 1024;
const MAX_PROGRESS_BYTES = 8 * 1024;
const MAX_TOKENS = 4_096;

export interface NodeContextDeps {
  readonly run: Run;
  /** The event or question that started it. */
  readonly cause: RunCause | undefined;
  /** Events and questions in a row that led to the run. */
  readonly countHops: () => Promise<number>;
  readonly nodeId: NodeId;
  /** Tells the passes of a loop apart; "0" outside of loops. */
  readonly iteration: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly context: SharedContext;
  readonly requests: Requests;
  readonly llm: LlmProvider;
  /** Where `ctx.once` keeps its results; in memory alone when absent. */
  readonly kept?: KeptResults;
  /** Begins to keep questions that are waited for without a worker, where the step can be left for them. */
  readonly openAsks?: (isBusy: () => boolean, tried: () => Omit<Tried, "began">) => DurableAsks;
  /** What earlier attempts of the node came to, where a wait has kept it. */
  readonly tried?: Tried | undefined;
  readonly tellProgress: (data: JsonObject) => void;
  /** Frees the run's slot while it waits for another operator. */
  readonly whileAsking: <T>(asking: Promise<T>) => Promise<T>;
}

/** What a node's code gets, and what it has published so far. After `close` nothing more is accepted. */
export interface OpenNodeContext {
  readonly ctx: NodeContext;
  readonly events: readonly PendingEvent[];
  /** Drops what was published so far, and counts questions anew. Gives what a pause before the next attempt keeps. */
  nextAttempt(): Omit<Tried, "began">;
  close(): void;
}

export function openNodeContext(deps: NodeContextDeps): OpenNodeContext {
  const { run, nodeId, clock, signal } = deps;
  const events: PendingEvent[] = [];
  let numbers: AskNumbers | undefined;
  let durableAsks: DurableAsks | undefined;
  let busy = 0;
  const waiting = new Set<object>();
  let closed = false;
  let progressRefused = false;
  const refuseWhenClosed = (what: string) => {
    // A node that was interrupted has ended for everybody but its own code.
    if (closed || signal.aborted)
      throw new OpenVibeError("OV_NODE_FAILED", `run ${run.runId} node ${nodeId}: ${what} after the node had ended`);
  };
  let once: ReturnType<typeof createOnce> | undefined;
  const effectKey = `${run.runId}:${nodeId}:${deps.iteration}`;
  const at = `run ${run.runId} node ${nodeId}`;
  const log = (level: "debug" | "info" | "warn" | "error") => (fields: object, message: string) =>
    deps.logger[level]({ ...runFields(run), node_id: nodeId, data: fields }, message);

  const openNumbers = () => {
    numbers ??= new AskNumbers(deps.tried);
    return numbers;
  };

  const openOnce = () => {
    once ??= createOnce({
      at,
      runId: run.runId,
      attempt: run.attempt,
      place: `${nodeId}:${deps.iteration}`,
      effectKey,
      signal,
      kept: deps.kept,
      refuseWhenClosed,
    });
    return once;
  };

  /** The node is not left for a question while it does something else. */
  const meanwhile = async <T>(work: Promise<T>): Promise<T> => {
    busy++;
    try {
      return await work;
    } finally {
      busy--;
      durableAsks?.parkWhenIdle();
    }
  };
  /** An answer is kept like the result of a sub-step: every pass of the node has the same one, whoever serves the other operator then. */
  const findAnswer = async (ask: DurableAsk): Promise<JsonValue | typeof OPEN> => {
    durableAsks ??= deps.openAsks?.(
      () => busy > 0,
      () => openNumbers().tried,
    );
    const asks = durableAsks;
    let found: { readonly answer?: JsonValue } = {};
    const find = async () => {
      found = (await asks?.find(ask)) ?? {};
      if (found.answer === undefined) throw new StillOpen();
      return found.answer;
    };
    try {
      return await openOnce()<JsonValue>(toAskKey(ask.request.askId.slice(effectKey.length + 1)), find);
    } catch (error) {
      if (error instanceof StillOpen) return OPEN;
      // More than is kept within a node: it is asked for again.
      if (found.answer !== undefined && isOpenVibeError(error, "OV_BODY_TOO_LARGE")) return found.answer;
      throw error;
    }
  };
  const askDurably = async (ask: DurableAsk): Promise<JsonValue> => {
    const within = findOnce();
    const found = await meanwhile(findAnswer(ask));
    if (found !== OPEN) return found;
    // The sub-step it is asked in waits for the answer, and for nothing else.
    if (within !== undefined && !waiting.has(within)) {
      waiting.add(within);
      busy--;
    }
    return await new Promise<never>(() => {}); // the node is run again
  };

  const ctx: NodeContext = {
    runId: run.runId,
    operatorId: run.operatorId,
    workflowId: run.workflowId,
    nodeId,
    attempt: run.attempt,
    signal,
    effectKey,
    tags: run.tags,
    trigger: toTrigger(run.trigger, deps.cause),
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    now: () => clock.now(),
    publish(type, payload) {
      refuseWhenClosed(`ctx.publish(${JSON.stringify(type)})`);
      const within = findOnce();
      if (within !== undefined)
        throw new OpenVibeError(
          "OV_NODE_FAILED",
          `${at}: ctx.publish inside ctx.once(${JSON.stringify(within.key)}), whose code may not run again: publish behind it`,
        );
      const parsedType = parsePublishedType(type);
      const data = copyPayload(payload, `${at}: payload of event ${parsedType}`);
      events.push({ type: parsedType, time: toIso(clock.now()), node_id: nodeId, data });
    },
    context: (name) =>
      patientBucket(deps.context.bucket(name, run.runId), signal, (call) =>
        refuseWhenClosed(`ctx.context(${JSON.stringify(name)}).${call}`),
      ),
    async ask<T extends JsonValue = JsonValue>(capability: string, body: JsonValue, options: AskOptions = {}) {
      refuseWhenClosed(`ctx.ask(${JSON.stringify(capability)})`);
      const [operatorId = "", name = "", rest] = capability.split(".");
      if (rest !== undefined)
        throw new OpenVibeError("OV_ID_INVALID", `ctx.ask: ${JSON.stringify(capability)} is not allowed: write "operator.capability"`);
      parseId(operatorId, "ctx.ask: operator");
      parseId(name, "ctx.ask: capability");
      const timeoutMs = readTimeout(options, `${at}: ctx.ask(${JSON.stringify(capability)}), timeout`);
      const number = openNumbers().take();
      const request = { body, askId: `${effectKey}:${number.id}`, ...traceOf(run) };
      const isDurable = options.durable ?? (deps.openAsks !== undefined && timeoutMs > LONGEST_HELD_ASK_MS);
      if (isDurable && deps.openAsks === undefined)
        throw new OpenVibeError(
          "OV_NODE_FAILED",
          `${at}: ctx.ask(${JSON.stringify(capability)}) cannot be durable here: only a node of a workflow that keeps its steps can be left and run again`,
        );
      try {
        if (isDurable) return (await askDurably({ operatorId, capability: name, request, timeoutMs })) as T;
        return (await meanwhile(askHeld(deps, operatorId, name, { ...request, deadlineAt: clock.now() + timeoutMs }))) as T;
      } catch (error) {
        if (isOpenVibeError(error) && error.extra.answered_code === "OV_RUN_NOT_COMPLETED") number.failed();
        throw error;
      }
    },
    once: (key, fn) => meanwhile(openOnce()(key, fn)),
    emitProgress(data) {
      if (closed || signal.aborted) return;
      const fault = findProgressFault(data);
      if (fault === undefined) return deps.tellProgress(data);
      if (!progressRefused) deps.logger.warn({ ...runFields(run), node_id: nodeId, fault }, "a node's progress cannot be told");
      progressRefused = true;
    },
    async llm(call: LlmCall): Promise<Pick<Completion, "content" | "model">> {
      refuseWhenClosed("ctx.llm");
      const { model, system, user, maxTokens = MAX_TOKENS, temperature } = call;
      const request = {
        model,
        user,
        maxTokens,
        ...(system === undefined ? {} : { system }),
        ...(temperature === undefined ? {} : { temperature }),
      };
      const { content, model: answered } = await meanwhile(deps.llm.complete(request, { signal }));
      return { content, model: answered };
    },
  };
  return {
    ctx,
    events,
    nextAttempt() {
      events.length = 0;
      return openNumbers().nextAttempt();
    },
    close() {
      closed = true;
    },
  };
}

const OPEN = Symbol("a question without an answer yet");

class StillOpen extends Error {}

/** Which of a node's kept results is the answer. Keys of `ctx.once` are of 200 characters at most. */
function toAskKey(number: string): string {
  return `ask ${number.length <= 180 ? number : hash("sha256", number)}`;
}

type AskDeps = Pick<NodeContextDeps, "run" | "nodeId" | "countHops" | "requests" | "signal" | "whileAsking">;

/** Frees the run's slot while it waits. @throws OpenVibeError OV_EVENT_LOOP, OV_NO_RESPONDER, OV_ASK_FAILED, OV_ASK_TIMEOUT */
export function askHeld(deps: AskDeps, operatorId: string, capability: string, request: RequestEnvelope): Promise<JsonValue> {
  return deps.whileAsking(askUntilAnswered(deps, operatorId, capability, request));
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
function readTimeout({ timeout, timeoutMs }: AskOptions, what: string): number {
  return timeout === undefined ? (timeoutMs ?? ASK_TIMEOUT_MS) : parseDuration(timeout, what);
}

/** What the asked operator does belongs to the same trace. */
function traceOf({ traceparent }: Run): Pick<RequestEnvelope, "traceparent"> {
  return traceparent === undefined ? {} : { traceparent };
}

/** Asks again where the answerer stops before it has an answer: the same ask finds the run it began, wherever that goes on. */
async function askUntilAnswered(
  { run, nodeId, countHops, requests, signal }: AskDeps,
  operatorId: string,
  capability: string,
  request: RequestEnvelope,
): Promise<JsonValue> {
  const hops = 1 + (await countHops());
  checkHops(hops, `run ${run.runId} node ${nodeId} may not ask ${operatorId}.${capability}`);
  for (;;) {
    try {
      return await requests.ask(operatorId, capability, { ...request, hops }, signal);
    } catch (error) {
      if (!isOpenVibeError(error, "OV_ASK_FAILED") || error.extra.answered_code !== "OV_SHUTTING_DOWN" || signal.aborted) throw error;
      await pause(ASK_AGAIN_MS, signal);
    }
  }
}

function findProgressFault(data: unknown): string | undefined {
  const fault = isPlainObject(data) ? findJsonFault(data) : { pointer: "", detail: "must be a JSON object" };
  if (fault !== undefined) return `at ${fault.pointer === "" ? "its top" : fault.pointer}: ${fault.detail}`;
  const bytes = Buffer.byteLength(JSON.stringify(data));
  return bytes > MAX_PROGRESS_BYTES ? `it has ${bytes} bytes of JSON; allowed are ${MAX_PROGRESS_BYTES}` : undefined;
}

/** @throws OpenVibeError OV_PATCH_INVALID, OV_BODY_TOO_LARGE: an event that cannot travel would hold back all after it */
function copyPayload(payload: unknown, what: string): JsonObject {
  const fault = isPlainObject(payload) ? findJsonFault(payload) : { pointer: "", detail: "must be a JSON object" };
  if (fault !== undefined)
    throw new OpenVibeError("OV_PATCH_INVALID", `${what} at ${fault.pointer === "" ? "its top" : fault.pointer}: ${fault.detail}`);
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PAYLOAD_BYTES)
    throw new OpenVibeError("OV_BODY_TOO_LARGE", `${what} has ${bytes} bytes of JSON; allowed are ${MAX_PAYLOAD_BYTES}`);
  return JSON.parse(text) as JsonObject;
}

/**
 * An unreachable bus inside a node is no failure of the node: the call repeats until the node's own time is over. Writes of a node that has ended are
 * refused.
 */
function patientBucket(bucket: ContextBucket, signal: AbortSignal, refuseWhenClosed: (call: string) => void): ContextBucket {
  const write = <T>(what: string, call: () => Promise<T>) =>
    patiently(
      async () => {
        refuseWhenClosed(what);
        return await call();
      },
      { signal },
    );
  return {
    get: (key) => patiently(() => bucket.get(key), { signal }),
    put: (key, value) => write("put", () => bucket.put(key, plain(key, value))),
    update: (key, fn) => write("update", () => bucket.update(key, async (current) => plain(key, await fn(current as never)) as never)),
    delete: (key) => write("delete", () => bucket.delete(key)),
  };
}

function plain(key: string, value: JsonValue): JsonValue {
  const fault = findJsonFault(value);
  if (fault === undefined) return value;
  throw new OpenVibeError(
    "OV_PATCH_INVALID",
    `value for context key ${key} at ${fault.pointer === "" ? "its top" : fault.pointer}: ${fault.detail}`,
  );
}

function toTrigger(id: string, cause: RunCause | undefined): NodeContext["trigger"] {
  if (cause?.kind !== "event") return { id };
  return { id, event: toTriggerEvent(cause.event), ...(cause.events === undefined ? {} : { events: cause.events.map(toTriggerEvent) }) };
}
