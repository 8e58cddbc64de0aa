import {
  isOpenVibeError,
  isPlainObject,
  type JsonObject,
  messageOf,
  type NodeContext,
  OpenVibeError,
  type Patch,
  type State,
  type StepCode,
} from "@openvibe/core";
import type { PlannedStep, Position } from "@openvibe/graph";
import { type Completion, type LlmProvider, withRetries } from "@openvibe/llm";

export interface StepDeps {
  readonly llm: LlmProvider;
  /** Hears a failed attempt that will be made again. */
  readonly onRetry: (data: JsonObject) => void;
  readonly onDelta: (text: string) => void;
}

export interface StepResult {
  /** As the code returned it; not checked yet. */
  readonly patch: Patch;
  readonly position: Position;
}

/** Runs the code of one step: one prompt and its reply, one function, or one choice. @throws whatever the code throws; OV_ROUTE_UNKNOWN, OV_LLM_… */
export async function runStep(step: PlannedStep, code: StepCode, state: State, ctx: NodeContext, deps: StepDeps): Promise<StepResult> {
  switch (code.kind) {
    case "llm":
      return { patch: await runLlm(step, code, state, ctx, deps), position: nextOf(step) };
    case "node": {
      const returned: unknown = await code.run(state, ctx);
      return { patch: toPatch(returned, `node ${step.id} returned`), position: nextOf(step) };
    }
    case "branch": {
      const chosen: unknown = await code.choose(state, ctx);
      const { route, set } = isPlainObject(chosen) ? chosen : { route: chosen, set: undefined };
      const position = positionOf(step, route, state);
      return { patch: withRoute(step, String(route), toPatch(set, `branch ${step.id} set`)), position };
    }
    default:
      return code satisfies never;
  }
}

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

type LlmCode = Extract<StepCode, { kind: "llm" }>;

async function runLlm({ manifest }: PlannedStep, code: LlmCode, state: State, ctx: NodeContext, deps: StepDeps): Promise<Patch> {
  if (manifest.kind !== "llm")
    throw new OpenVibeError("OV_DEFINITION_INVALID", `step ${manifest.id} is ${manifest.kind} in the manifest and llm in code`);
  const prompt = await code.prompt(state, ctx);
  const llm = withRetries(deps.llm, {
    attempts: manifest.attempts,
    onRetry: ({ attempt, error, delayMs }) => deps.onRetry({ attempt, delay_ms: delayMs, error: messageOf(error) }),
  });
  const complete = (user: string): Promise<Completion> =>
    llm.complete(
      {
        user,
        model: manifest.model,
        maxTokens: manifest.max_tokens,
        ...(prompt.system === undefined ? {} : { system: prompt.system }),
        ...(manifest.temperature === undefined ? {} : { temperature: manifest.temperature }),
        ...(code.schema === undefined ? {} : { schema: code.schema }),
      },
      { signal: ctx.signal, onDelta: deps.onDelta },
    );
  const first = await complete(prompt.user);
  try {
    return code.read(first.content, state);
  } catch (error) {
    if (manifest.reply !== "json" || !isOpenVibeError(error, "OV_LLM_OUTPUT_INVALID")) throw error;
    const repaired = await complete(repairPrompt(prompt.user, first.content, error.message));
    return code.read(repaired.content, state);
  }
}

/** One repair attempt: the model sees its answer and what is wrong with it. */
function repairPrompt(user: string, reply: string, error: string): string {
  return `${user}\n\nYour last answer was:\n${reply.slice(0, 4_000)}\n\nIt cannot be used: ${error}\nAnswer again, with nothing but JSON of the form that was asked for.`;
}
