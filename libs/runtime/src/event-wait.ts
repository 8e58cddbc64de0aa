/** A step that lets a run wait for events: registered first, then looked back, then parked (DESIGN §4). */
import {
  type EventWaitManifest,
  findJsonFault,
  type Interrupt,
  type JsonObject,
  type JsonValue,
  matchKeyOf,
  type NodeContext,
  OpenVibeError,
  type Patch,
  type RunCause,
  type State,
  type StepCode,
  toIso,
} from "@openvibe/core";
import { type PlannedStep, type Position, WaitRoute } from "@openvibe/graph";
import type { ArrivedEvent, ClaimedRun, EventWaitStore } from "@openvibe/store";
import { patiently } from "./patience.ts";
import type { Pause, PauseEnd, Woken } from "./pausing.ts";

/** What a wait needs of its run. */
export interface WaitingRun {
  readonly store: EventWaitStore;
  readonly claimed: ClaimedRun;
  /** Steps committed so far. */
  readonly step: number;
}

type Match = Extract<StepCode, { kind: "wait" }>["match"];

interface EventWaitStep {
  readonly step: PlannedStep;
  readonly wait: EventWaitManifest;
}

/** Goes straight on when enough has come since the run began. @throws OpenVibeError OV_NODE_FAILED */
export async function beginEventWait(
  { step, wait }: EventWaitStep,
  match: Match,
  state: State,
  ctx: NodeContext,
  { store, claimed, step: number }: WaitingRun,
): Promise<Pause | PauseEnd> {
  const { run, cause } = claimed;
  const values = await valuesOf(step.id, wait, match, state, ctx);
  const matchKey = matchKeyOf(values);
  const startedBy = idOf(cause);
  const opened = {
    runId: run.runId,
    step: number,
    wake: run.wake,
    since: run.createdAt,
    events: wait.types.map((type) => ({ type, matchKey })),
    fields: [...(wait.match ?? [])].sort(),
    needed: wait.needed,
    ...(startedBy === undefined ? {} : { except: startedBy }),
  };
  const arrived = await patiently(() => store.open(opened), { signal: ctx.signal });
  if (arrived.length >= wait.needed) return await end({ step, wait }, { runId: run.runId, step: number }, store, ctx);
  const { timeout_ms: timeoutMs } = wait;
  const data: JsonObject = {
    events: wait.types,
    needed: wait.needed,
    ...(wait.match === undefined ? {} : { match: values }),
    ...(timeoutMs === undefined ? {} : { deadline: toIso(ctx.now() + timeoutMs) }),
  };
  const interrupt: Interrupt = { kind: "event", node_id: step.id, data };
  return { interrupt, ...(timeoutMs === undefined ? {} : { due: { afterMs: timeoutMs } }) };
}

/** The run was parked by the write before this pass. */
export async function endEventWait(
  { step, wait }: EventWaitStep,
  { kind }: Woken,
  ctx: NodeContext,
  { store, claimed }: WaitingRun,
): Promise<PauseEnd> {
  const address = { runId: claimed.run.runId, step: claimed.run.step - 1 };
  if (kind !== "timer") return await end({ step, wait }, address, store, ctx);
  await patiently(() => store.close({ ...address, empty: true }), { signal: ctx.signal });
  return { patch: {}, position: step.kind === "branch" ? (step.routes[WaitRoute.TimedOut] ?? null) : step.next };
}

async function end(
  { step, wait }: EventWaitStep,
  address: { readonly runId: string; readonly step: number },
  store: EventWaitStore,
  ctx: NodeContext,
): Promise<PauseEnd> {
  const arrived = await patiently(() => store.close({ ...address, empty: false }), { signal: ctx.signal });
  return { patch: toPatch(wait, arrived), position: arrivedPosition(step) };
}

function arrivedPosition(step: PlannedStep): Position {
  return step.kind === "branch" ? (step.routes[WaitRoute.Arrived] ?? null) : step.next;
}

/** Several types: an object of their data by type; of fields the first event that has one counts. */
function toPatch({ types, output, outputs = {} }: EventWaitManifest, arrived: readonly ArrivedEvent[]): Patch {
  const data = arrived.map(({ type, event }) => ({ type, data: (event.data ?? {}) as JsonObject }));
  const patch: Record<string, JsonValue> = {};
  const [first] = data;
  if (output !== undefined && first !== undefined)
    patch[output] = types.length === 1 ? first.data : Object.fromEntries(data.map((one) => [one.type, one.data]));
  for (const [field, from] of Object.entries(outputs)) {
    const found = data.find((one) => Object.hasOwn(one.data, from));
    if (found !== undefined) patch[field] = found.data[from] as JsonValue;
  }
  return patch;
}

async function valuesOf(id: string, { match: fields = [] }: EventWaitManifest, match: Match, state: State, ctx: NodeContext) {
  const values: Readonly<Record<string, JsonValue>> = (await match?.(state, ctx)) ?? {};
  const odd = fields.find((field) => values[field] === undefined || findJsonFault(values[field]) !== undefined);
  if (odd !== undefined) throw new OpenVibeError("OV_NODE_FAILED", `wait ${id}: match gave no JSON value for ${odd}`);
  return values;
}

function idOf(cause: RunCause | undefined): string | undefined {
  return cause?.kind === "event" && typeof cause.event.id === "string" ? cause.event.id : undefined;
}
