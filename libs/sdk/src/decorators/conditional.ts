import { isPlainObject, type NodeContext, OpenVibeError, type Patch, type State } from "@openvibe/core";
import { definitionFault } from "../definition-fault.ts";
import type { RouteDraft } from "../draft.ts";
import type { StepOptions } from "../step-options.ts";
import { type ArmMark, findStep, markStep, type StepMethod } from "./marks.ts";
import type { MethodPatch, OnlyFields, StepFunction } from "./method-types.ts";
import { checkGiven, checkMethod } from "./place-checks.ts";
import { toStepId } from "./step-id.ts";

type Predicate<S> = (state: S) => boolean;

/**
 * When a route is taken, and where it leads: `steps`, methods right behind the conditional in their order; `goto` another step of the workflow; `end` the
 * run.
 */
export type RouteOptions<S> = { readonly when: Predicate<S> } & (
  | { readonly steps: readonly string[]; readonly goto?: never; readonly end?: never }
  | { readonly goto: string; readonly steps?: never; readonly end?: never }
  | { readonly end: true; readonly steps?: never; readonly goto?: never }
);

export interface ConditionalOptions<S> extends StepOptions {
  /** The step's id; the method's name in snake_case by default. */
  readonly id?: string;
  /**
   * Route -> when it is taken; the first that holds wins. Methods right behind the conditional are a route's steps when they are named like it, or in
   * its `steps`; a route without any goes straight on. All routes rejoin at the next method.
   */
  readonly routes: { readonly [route: string]: Predicate<S> | RouteOptions<S> };
}

export type ConditionalDecorator = <S extends object = never, R extends MethodPatch<S> | void = MethodPatch<S> | void>(
  method: StepFunction<S, R> & OnlyFields<NoInfer<R>, S>,
  context: ClassMethodDecoratorContext,
) => void;

/**
 * Picks a route, as `.branch` does: the method gives back the fields to change first, then the routes look at the state with them. When none holds, the
 * run fails with OV_ROUTE_UNKNOWN and the fields that were looked at.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function conditional<S = never>(options: ConditionalOptions<S>): ConditionalDecorator {
  checkGiven("@conditional", options, "{ routes: { yes: (state) => …, no: (state) => … } }");
  const { id, routes, ...settings } = options;
  return (method, context) => {
    checkMethod("@conditional", method, context, findStep);
    const at = `@conditional on method ${String(context.name)}`;
    const read = readRoutes(routes, at);
    markStep(method, {
      decorator: "@conditional",
      id,
      arms: new Map([...read].flatMap(([route, { arm }]) => (arm === undefined ? [] : [[route, arm] as const]))),
      toDraft: (bound, arms) => ({
        kind: "branch",
        name: bound.id,
        choose: toChoose(bound, read),
        routes: new Map([...read].map(([route, { to }]) => [route, to ?? arms.get(route) ?? []])),
        options: settings,
      }),
    });
  };
}

interface Route {
  readonly holds: (state: State) => unknown;
  /** Its steps, where they are methods. */
  readonly arm?: ArmMark;
  /** Where it leads instead. */
  readonly to?: RouteDraft;
}

function readRoutes(routes: unknown, at: string): ReadonlyMap<string, Route> {
  if (!isPlainObject(routes))
    throw definitionFault(at, "routes are missing; allowed is { routes: { yes: (state) => …, no: (state) => … } }");
  return new Map(Object.entries(routes).map(([route, given]) => [route, readRoute(route, given, at)]));
}

function readRoute(route: string, given: unknown, at: string): Route {
  if (typeof given === "function") return { holds: given as Route["holds"], arm: { methods: [route], named: false } };
  const { when, ...leads } = isPlainObject(given) ? given : {};
  const to = readLead(leads);
  if (typeof when !== "function" || to === undefined)
    throw definitionFault(
      at,
      `route ${JSON.stringify(route)} is a function of the state, or { when: (state) => …, steps: ["a_method"] }, or goto: "a_method" or end: true instead of steps`,
    );
  return { holds: when as Route["holds"], ...to };
}

/** Exactly one of the three. */
function readLead(leads: Readonly<Record<string, unknown>>): Pick<Route, "arm" | "to"> | undefined {
  const [[key, value] = [], ...others] = Object.entries(leads);
  if (others.length > 0) return undefined;
  if (key === "goto" && typeof value === "string") return { to: { goto: toStepId(value) } };
  if (key === "end" && value === true) return { to: { end: true } };
  if (key !== "steps" || !Array.isArray(value) || !value.every((step) => typeof step === "string")) return undefined;
  return { arm: { methods: value as readonly string[], named: true } };
}

function toChoose({ run, at }: StepMethod, routes: ReadonlyMap<string, Route>) {
  return async (state: State, ctx: NodeContext) => {
    const set = ((await run(state, ctx)) ?? {}) as Patch;
    // What is no object of fields is the runtime's to refuse, with its path.
    const seen = isPlainObject(set) ? withPatch(state, set) : state;
    for (const [route, { holds }] of routes) if (isTrue(holds(seen), route, at)) return { route, set };
    throw new OpenVibeError(
      "OV_ROUTE_UNKNOWN",
      `${at}: none of its routes ${[...routes.keys()].join(", ")} holds for ${describeValues(seen)}`,
    );
  };
}

/** `undefined` counts as not given. */
function withPatch(state: State, patch: Patch): State {
  return Object.assign({ ...state }, Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))) as State;
}

/** A predicate that gives a promise or a number would hold for everything. */
function isTrue(answer: unknown, route: string, at: string): boolean {
  if (typeof answer === "boolean") return answer;
  const kind = answer instanceof Promise ? "a promise" : `a value of type ${typeof answer}`;
  throw new OpenVibeError("OV_NODE_FAILED", `${at}: route ${JSON.stringify(route)} gave ${kind}; allowed is true or false`);
}

const MOST_CHARACTERS = 500;

/** Numbers and flags as they are; of texts only that they are there, as they may be anybody's. */
function describeValues(state: State): string {
  const shown = Object.entries(state).map(([name, value]) => {
    if (typeof value === "number" || typeof value === "boolean" || value === null) return `${name}=${value}`;
    return typeof value === "string"
      ? `${name} (${value.length} characters)`
      : `${name} (${Array.isArray(value) ? "array" : typeof value})`;
  });
  const text = shown.join(", ");
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
