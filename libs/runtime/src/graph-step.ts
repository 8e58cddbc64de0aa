/** A step that runs a LangGraph graph of the author's: durable by checkpoints of its own, its questions are the run's. */
import {
  findJsonFault,
  type GraphStepCode,
  type GraphStepManifest,
  type Interrupt,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  OpenVibeError,
  type Patch,
  type State,
  toIso,
} from "@openvibe/core";
import { type GraphQuestion, type PlannedStep, type Position, runBroughtGraph, StoreSaver } from "@openvibe/graph";
import type { CheckpointOwner, CheckpointStore } from "@openvibe/store";
import { compileSchema } from "./accept/schema-check.ts";
import { createGraphListener, type GraphTold } from "./graph-progress.ts";
import { patiently } from "./patience.ts";
import type { Pause, Woken } from "./pausing.ts";

export interface GraphStepDeps extends GraphTold {
  readonly checkpoints: CheckpointStore;
  readonly owner: CheckpointOwner;
  /** Writes of the run that were committed when this visit of the step began: one that is come back to later begins its graph anew. */
  readonly began: number;
  readonly woken: Woken | undefined;
  /** Called when what was begun in this thread is needed no more once this step is committed. */
  readonly onThread: (threadId: string) => void;
}

/** What the run's interrupt keeps of a question. */
interface Asked {
  readonly prompt: string;
  readonly value?: JsonValue;
  readonly schema: JsonObject;
  /** ISO 8601, UTC. */
  readonly deadline?: string;
  readonly began: number;
  readonly interrupt_id: string;
}

/** A question's value as it is kept and told. */
const MAX_VALUE_BYTES = 256 * 1024;
const MAX_PROMPT = 4_000;

/**
 * Goes on with the graph where its last checkpoint left it, until it ends or asks.
 * @throws OpenVibeError OV_NODE_FAILED, OV_ANSWER_TIMEOUT, OV_PATCH_INVALID (what the graph asks is no JSON), OV_STATE_TOO_LARGE, and whatever mapping throws
 */
export async function runGraphStep(
  step: PlannedStep,
  code: GraphStepCode,
  state: State,
  ctx: NodeContext,
  deps: GraphStepDeps,
): Promise<{ readonly patch: Patch; readonly position: Position } | Pause> {
  const { manifest } = step;
  if (manifest.kind !== "graph")
    throw new OpenVibeError("OV_DEFINITION_INVALID", `step ${step.id} is ${manifest.kind} in the manifest and graph in code`);
  const asked = deps.woken?.interrupt.data as unknown as Asked | undefined;
  const answer = deps.woken === undefined ? undefined : answerOf(step, manifest, deps.woken);
  const threadId = `${ctx.effectKey}:${deps.began}`;
  deps.onThread(threadId);
  const abort = new AbortController();
  const forward = () => abort.abort(ctx.signal.reason);
  if (ctx.signal.aborted) forward();
  ctx.signal.addEventListener("abort", forward, { once: true });
  const { listener, close } = createGraphListener(deps);
  try {
    const end = await runBroughtGraph({
      graph: code.graph,
      saver: new StoreSaver(patientCheckpoints(deps.checkpoints, abort.signal), deps.owner),
      threadId,
      input: async () => thawed(await code.input(state, ctx)),
      ...(asked === undefined ? {} : { answer: { id: asked.interrupt_id, value: answer } }),
      signal: abort.signal,
      ...(manifest.recursion_limit === undefined ? {} : { recursionLimit: manifest.recursion_limit }),
      configurable: { openvibe: ctx },
      listener,
    });
    if ("question" in end) return ask(step, manifest, ctx.now(), { ...end.question, began: deps.began });
    return { patch: await code.output(end.result, state), position: step.kind === "linear" ? step.next : null };
  } catch (error) {
    abort.abort(error); // what the graph left running ends with the step
    throw error;
  } finally {
    close();
    ctx.signal.removeEventListener("abort", forward);
  }
}

/** Nodes of a graph may change what they are given in place; our state is frozen. Instances of classes, such as messages, stay what they are. */
function thawed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(thawed);
  return isPlainObject(value) ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, thawed(entry)])) : value;
}

/** @throws OpenVibeError OV_ANSWER_TIMEOUT */
function answerOf({ id }: PlannedStep, { wait_ms, default_answer }: GraphStepManifest, { kind, body }: Woken): unknown {
  if (kind !== "timer") return toAnswer(body?.answer);
  if (default_answer !== undefined) return default_answer;
  throw new OpenVibeError("OV_ANSWER_TIMEOUT", `nobody answered ${id} within ${wait_ms} ms`);
}

/** An answer of the one member `value` stands for that value: a graph may wait for a word or a yes. */
function toAnswer(answer: unknown): unknown {
  return isPlainObject(answer) && Object.hasOwn(answer, "value") && Object.keys(answer).length === 1 ? answer.value : answer;
}

function ask(
  step: PlannedStep,
  { answer_schema, wait_ms: waitMs }: GraphStepManifest,
  now: number,
  question: GraphQuestion & { readonly began: number },
): Pause {
  const value = toPlain(question.value, step.id);
  const text = typeof value === "string" ? value : value === undefined ? `${step.id} waits for an answer` : JSON.stringify(value);
  const asked: Asked = {
    prompt: text.length <= MAX_PROMPT ? text : `${text.slice(0, MAX_PROMPT)}…`,
    ...(value === undefined ? {} : { value }),
    schema: (answer_schema as JsonObject | undefined) ?? answerSchema(question.schema),
    ...(waitMs === undefined ? {} : { deadline: toIso(now + waitMs) }),
    began: question.began,
    interrupt_id: question.id,
  };
  const interrupt: Interrupt = { kind: "human", node_id: step.id, data: asked as unknown as JsonObject };
  return { interrupt, ...(waitMs === undefined ? {} : { due: { afterMs: waitMs } }) };
}

/** What a graph says of the answer it waits for; where that is no schema of an object, of the answer's member `value`. */
function answerSchema(schema: unknown): JsonObject {
  const open: JsonObject = { type: "object" };
  if (!isPlainObject(schema) || findJsonFault(schema) !== undefined) return open;
  const { $schema: _, ...rest } = schema as JsonObject;
  const asObject: JsonObject =
    rest.type === "object" ? rest : { type: "object", properties: { value: rest }, required: ["value"], additionalProperties: false };
  try {
    compileSchema(asObject);
    return asObject;
  } catch {
    return open; // the graph checks what it gets by itself
  }
}

function toPlain(value: unknown, stepId: string): JsonValue | undefined {
  if (value === undefined) return undefined;
  const fault = findJsonFault(value);
  if (fault !== undefined)
    throw new OpenVibeError("OV_PATCH_INVALID", `graph ${stepId}: interrupt(value) at ${fault.pointer || "its top"}: ${fault.detail}`);
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_VALUE_BYTES)
    throw new OpenVibeError(
      "OV_STATE_TOO_LARGE",
      `graph ${stepId}: interrupt(value) has ${bytes} bytes of JSON; allowed are ${MAX_VALUE_BYTES}`,
    );
  return JSON.parse(text) as JsonValue;
}

/** An outage of the store is no failure of the graph: its checkpoint waits, and so does the next superstep. */
function patientCheckpoints(checkpoints: CheckpointStore, signal: AbortSignal): CheckpointStore {
  return {
    put: (...given) => patiently(() => checkpoints.put(...given), { signal }),
    putWrites: (...given) => patiently(() => checkpoints.putWrites(...given), { signal }),
    list: (...given) => patiently(() => checkpoints.list(...given), { signal }),
    writes: (...given) => patiently(() => checkpoints.writes(...given), { signal }),
    deleteThread: (...given) => patiently(() => checkpoints.deleteThread(...given), { signal }),
  };
}
