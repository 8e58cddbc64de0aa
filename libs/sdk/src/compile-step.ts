import {
  type LlmPrompt,
  type NodeContext,
  type NodeId,
  OpenVibeError,
  parseDuration,
  type RouteManifest,
  type State,
  type StepCode,
  type StepManifest,
} from "@openvibe/core";
import { compileEach, compileRun, type NamedChild } from "./compile-children.ts";
import { compileEventWait, isEventWait } from "./compile-event-wait.ts";
import { compileGraph } from "./compile-graph.ts";
import { compileHuman, compileLoop, compileRetries, compileWait } from "./compile-waits.ts";
import type { BranchDraft, LlmDraft, LlmSettings, NodeDraft, RouteDraft, StepDraft } from "./draft.ts";
import { createJsonReply, createTextReply } from "./json-reply.ts";
import { checkBranch, checkLlm, checkNode, checkStepName, type StepPlace, stepAt } from "./load-checks.ts";
import type { StateField, StateSchema } from "./state-schema.ts";
import type { Text } from "./step-options.ts";

export interface StepsInto {
  readonly state: StateSchema;
  /** Step -> its place: filled while steps are compiled. */
  readonly taken: Map<string, string>;
  readonly code: Map<NodeId, StepCode>;
  /** Workflows of the same operator that steps begin. */
  readonly named: NamedChild[];
}

/** Checks the steps of a chain or an arm, gives them as data and puts their code into `into`. @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileSteps(steps: readonly StepDraft[], place: StepPlace, into: StepsInto): StepManifest[] {
  return steps.map((step) => {
    checkStepName(step, place, into.taken);
    const at = stepAt(place, step.name);
    switch (step.kind) {
      case "llm":
        return compileLlm(step, at, into);
      case "node":
        return compileNode(step, at, into);
      case "branch":
        return compileBranch(step, place, at, into);
      case "loop": {
        const { manifest, code } = compileLoop(step, at, (body) =>
          compileSteps(body, within(place, `the body of loop ${step.name}`), into),
        );
        into.code.set(step.name, code);
        return manifest;
      }
      case "wait": {
        const { manifest, code } = isEventWait(step)
          ? compileEventWait(step, into.state, at, (arm) => compileSteps(arm, within(place, `onTimeout of step ${step.name}`), into))
          : compileWait(step, at);
        into.code.set(step.name, { ...code, ...step.options });
        return { ...manifest, ...whenOf(step.options) };
      }
      case "human": {
        const { prompt, when } = step.options ?? {};
        const manifest = compileHuman(step, into.state, at, (arm) =>
          compileSteps(arm, within(place, `onTimeout of step ${step.name}`), into),
        );
        into.code.set(step.name, {
          kind: "human",
          prompt: (state, ctx) => toText(prompt, state, ctx, `${at}, prompt`),
          ...(when === undefined ? {} : { when }),
        });
        return { ...manifest, ...whenOf(step.options) };
      }
      case "graph": {
        const { manifest, code } = compileGraph(step, into.state, at);
        into.code.set(step.name, code);
        return manifest;
      }
      case "run":
      case "each": {
        const { manifest, code, named } = step.kind === "run" ? compileRun(step, into.state, at) : compileEach(step, into.state, at);
        const { when } = step.options;
        into.code.set(step.name, { ...code, ...(when === undefined ? {} : { when }) });
        if (named !== undefined) into.named.push(named);
        return { ...manifest, ...whenOf(step.options) };
      }
      default:
        return step satisfies never;
    }
  });
}

function whenOf(options: { readonly when?: unknown } | undefined): { readonly when?: true } {
  return options?.when === undefined ? {} : { when: true };
}

function timeoutOf(options: LlmSettings | NodeDraft["options"], at: string): { readonly timeout_ms?: number } {
  return options.timeout === undefined ? {} : { timeout_ms: parseDuration(options.timeout, `${at}, timeout`) };
}

function compileLlm(step: LlmDraft, at: string, { state, code }: StepsInto): StepManifest {
  checkLlm(step, state, at);
  const { options, name } = step;
  const { model, maxTokens = 4096, temperature, retries, output, outputs = [], fallback, cache, when } = options;
  const { retries: pauses } = compileRetries(typeof retries === "object" ? retries : undefined, at);
  const attempts = options.attempts ?? pauses?.attempts ?? (typeof retries === "number" ? retries : 2) + 1;
  const on = typeof retries === "object" ? retries.on : undefined;
  code.set(name, {
    kind: "llm",
    prompt: step.prompt ?? toPrompt(options, at),
    ...toReply(options, state),
    ...(on === undefined ? {} : { worthRetrying: on }),
    ...(when === undefined ? {} : { when }),
  });
  return {
    kind: "llm",
    id: name,
    model,
    max_tokens: maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    attempts,
    ...(pauses === undefined ? {} : { retries: pauses }),
    ...(fallback === undefined ? {} : { fallback: [...fallback] }),
    ...(cache === true ? { cache } : {}),
    outputs: output === undefined ? [...outputs] : [output],
    reply: options.parse === undefined ? (output === undefined ? "json" : "text") : "parse",
    ...timeoutOf(options, at),
    ...whenOf(options),
  };
}

type LlmCode = Extract<StepCode, { kind: "llm" }>;

function toReply({ output, outputs = [], parse }: LlmSettings, { fields, object }: StateSchema): Pick<LlmCode, "schema" | "read"> {
  if (parse !== undefined) return { read: (reply, state) => parse(reply, state) ?? {} };
  const named = (output === undefined ? outputs : [output])
    .map((name) => fields.get(name))
    .filter((field): field is StateField => field !== undefined);
  const [first] = named;
  return output !== undefined && first !== undefined ? { read: createTextReply(first) } : createJsonReply(named, object);
}

function toPrompt({ system, user }: LlmSettings, at: string): LlmCode["prompt"] {
  if (typeof user === "string" && typeof system !== "function") {
    const prompt: LlmPrompt = Object.freeze(system === undefined ? { user } : { system, user });
    return () => prompt;
  }
  return async (state, ctx) => ({
    ...(system === undefined ? {} : { system: await toText(system, state, ctx, `${at}, system`) }),
    user: await toText(user, state, ctx, `${at}, user`),
  });
}

async function toText(text: Text<State>, state: State, ctx: NodeContext, at: string): Promise<string> {
  const given: unknown = typeof text === "function" ? await text(state, ctx) : text;
  if (typeof given === "string") return given;
  throw new OpenVibeError(
    "OV_NODE_FAILED",
    `${at}: the function gave ${given === null ? "null" : `a value of type ${typeof given}`}; allowed is a text`,
  );
}

function compileNode(step: NodeDraft, at: string, { code }: StepsInto): StepManifest {
  checkNode(step, at);
  const { name, run, options } = step;
  const on = typeof options.retries === "object" ? options.retries.on : undefined;
  const retries = compileRetries(options.retries, at);
  const { when } = options;
  code.set(name, { kind: "node", run, ...(on === undefined ? {} : { worthRetrying: on }), ...(when === undefined ? {} : { when }) });
  return {
    kind: "node",
    id: name,
    ...(options.pure === true ? { pure: true } : {}),
    ...retries,
    ...timeoutOf(options, at),
    ...whenOf(options),
  };
}

/** A place further in. */
function within(place: StepPlace, here: string): StepPlace {
  return { ...place, route: place.route === "" ? here : `${place.route}, ${here}` };
}

function compileBranch(step: BranchDraft, place: StepPlace, at: string, into: StepsInto): StepManifest {
  checkBranch(step, into.state, at);
  const { name, choose, options } = step;
  into.code.set(name, { kind: "branch", choose });
  const routes = [...step.routes].map(([route, arm = []]): readonly [string, RouteManifest] => {
    if (!isArm(arm)) return [route, arm];
    return [route, compileSteps(arm, within(place, `route ${JSON.stringify(route)} of step ${name}`), into)] as const;
  });
  return {
    kind: "branch",
    id: name,
    routes: Object.fromEntries(routes),
    ...(into.state.fields.has(name) ? { route_field: name } : {}),
    ...timeoutOf(options, at),
  };
}

function isArm(route: RouteDraft): route is readonly StepDraft[] {
  return Array.isArray(route);
}
