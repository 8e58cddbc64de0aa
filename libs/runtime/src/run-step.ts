import {
  isControl,
  isPlainObject,
  messageOf,
  type NodeContext,
  type Onward,
  OpenVibeError,
  type Patch,
  type State,
  type StepCode,
} from "@openvibe/core";
import { LoopRoute, type PlannedStep, type Position } from "@openvibe/graph";
import { goOnWithEach, goOnWithRun } from "./child-steps.ts";
import { beginEventWait, endEventWait } from "./event-wait.ts";
import { runGraphStep } from "./graph-step.ts";
import { runLlm } from "./llm-step.ts";
import { pause } from "./patience.ts";
import { beginHuman, beginWait, endHuman, endWait, type Pause } from "./pausing.ts";
import { isLongPause, parkForRetry, pauseAfter, triedBefore } from "./retrying.ts";
import type { StepDeps } from "./step-deps.ts";

export interface StepResult {
  /** As the code returned it; not checked yet. */
  readonly patch: Patch;
  readonly position: Position;
  /** What a node asked for beside its patch. */
  readonly onward?: Onward;
}

/**
 * Runs the code of one step: one prompt and its reply, one function, one choice; or finds that the run has to wait.
 * @throws whatever the code throws; OV_ROUTE_UNKNOWN, OV_LOOP_LIMIT, OV_ANSWER_TIMEOUT, OV_CHILD_…, OV_LLM_…
 */
export async function runStep(
  step: PlannedStep,
  code: StepCode,
  state: State,
  ctx: NodeContext,
  deps: StepDeps,
): Promise<StepResult | Pause> {
  switch (code.kind) {
    case "llm":
      return { position: nextOf(step), ...(await runLlm(step, code, state, ctx, deps)) };
    case "node":
      return await runNode(step, code, state, ctx, deps);
    case "branch": {
      const chosen: unknown = await code.choose(state, ctx);
      const { route, set } = isPlainObject(chosen) ? chosen : { route: chosen, set: undefined };
      const position = positionOf(step, route, state);
      return { patch: withRoute(step, String(route), toPatch(set, `branch ${step.id} set`)), position };
    }
    case "loop":
      return { patch: {}, position: await nextPass(step, code, state, ctx, deps.passes) };
    case "wait": {
      const wait = step.manifest.kind === "wait" ? step.manifest.event : undefined;
      if (wait !== undefined && deps.woken === undefined) return await beginEventWait({ step, wait }, code.match, state, ctx, deps.waiting);
      if (wait !== undefined && deps.woken !== undefined) return await endEventWait({ step, wait }, deps.woken, ctx, deps.waiting);
      return deps.woken === undefined ? await beginWait(step, code.until, state, ctx) : endWait(step);
    }
    case "human":
      return deps.woken === undefined ? beginHuman(step, await code.prompt(state, ctx), ctx.now()) : endHuman(step, deps.woken);
    case "graph":
      return await runGraphStep(step, code, state, ctx, { ...deps.graph(), woken: deps.woken, began: deps.began, onDelta: deps.onDelta });
    case "run":
      return await goOnWithRun(step, code, state, ctx, { ...deps, children: deps.children() });
    case "each":
      return await goOnWithEach(step, code, state, ctx, { ...deps, children: deps.children() });
    default:
      return code satisfies never;
  }
}

async function nextPass(step: PlannedStep, code: LoopCode, state: State, ctx: NodeContext, passes: number): Promise<Position> {
  const { kind, routes } = step.kind === "branch" ? step : { kind: step.kind, routes: {} as Record<string, Position> };
  if (kind !== "branch" || step.manifest.kind !== "loop") throw new OpenVibeError("OV_DEFINITION_INVALID", `step ${step.id} is no loop`);
  const goesOn: unknown = await code.goesOn(state, ctx, passes);
  if (typeof goesOn !== "boolean")
    throw new OpenVibeError(
      "OV_NODE_FAILED",
      `loop ${step.id}: its condition gave a value of type ${typeof goesOn}; allowed is true or false`,
    );
  if (!goesOn) return routes[LoopRoute.Done] ?? null;
  const { max_iterations: most } = step.manifest;
  if (passes >= most) throw new OpenVibeError("OV_LOOP_LIMIT", `loop ${step.id} did not end within ${most} passes`);
  return routes[LoopRoute.Again] ?? null;
}

type LoopCode = Extract<StepCode, { kind: "loop" }>;

function nextOf(step: PlannedStep): Position {
  return step.kind === "linear" ? step.next : null;
}

function toPatch(returned: unknown, what: string): Patch {
  if (returned === undefined || returned === null) return {};
  if (typeof returned === "object" && !Array.isArray(returned)) return returned as Patch;
  throw new OpenVibeError(
    "OV_PATCH_INVALID",
    `${what} ${Array.isArray(returned) ? "an array" : `a ${typeof returned}`}; allowed is an object of state fields, or nothing`,
  );
}

function positionOf(step: PlannedStep, route: unknown, state: State): Position {
  const routes = step.kind === "branch" ? step.routes : {};
  if (typeof route === "string" && Object.hasOwn(routes, route)) return routes[route] ?? null;
  const shown = typeof route === "string" ? JSON.stringify(route) : route === null ? "null" : `a value of type ${typeof route}`;
  throw new OpenVibeError(
    "OV_ROUTE_UNKNOWN",
    `branch ${step.id} chose ${shown}; its routes are ${Object.keys(routes).join(", ")} (state fields: ${Object.keys(state).join(", ")})`,
  );
}

/** A state field named like the branch receives the route, unless the branch set it itself. */
function withRoute({ manifest }: PlannedStep, route: string, patch: Patch): Patch {
  const field = manifest.kind === "branch" ? manifest.route_field : undefined;
  // A spread would make a plain object of what must be refused, such as a Map.
  return field === undefined || !isPlainObject(patch) || Object.hasOwn(patch, field) ? patch : { ...patch, [field]: route };
}

type NodeCode = Extract<StepCode, { kind: "node" }>;

async function runNode(step: PlannedStep, code: NodeCode, state: State, ctx: NodeContext, deps: StepDeps): Promise<StepResult | Pause> {
  const retries = step.manifest.kind === "node" ? step.manifest.retries : undefined;
  const position = nextOf(step);
  for (let attempt = (triedBefore(deps.woken)?.attempt ?? 0) + 1; ; attempt++) {
    try {
      const returned: unknown = await code.run(state, ctx);
      if (isControl(returned)) return { position, patch: toPatch(returned.patch, `node ${step.id} returned`), onward: returned.next };
      return { position, patch: toPatch(returned, `node ${step.id} returned`) };
    } catch (error) {
      if (retries === undefined || attempt >= retries.attempts || ctx.signal.aborted || code.worthRetrying?.(error) === false) throw error;
      const delayMs = pauseAfter(retries, attempt);
      deps.onRetry({ attempt, delay_ms: delayMs, error: messageOf(error) });
      const tried = deps.nextAttempt();
      if (isLongPause(delayMs)) return parkForRetry({ nodeId: step.id, ...tried, began: deps.began, delayMs, error, now: ctx.now() });
      await pause(delayMs, ctx.signal);
      if (ctx.signal.aborted) throw error; // nobody waits for another attempt
    }
  }
}
