import type { Control, Duration, End, JsonValue, NodeContext } from "@openvibe/core";
import type { z } from "zod";
import type { ChildInput, ChildWorkflow, EachOptions, RunOptions } from "./child-steps.ts";
import type { DRAFT, WorkflowDraft } from "./draft.ts";
import type { CompiledGraph, GraphInput, GraphOutput } from "./graph-types.ts";

/** Fields to change; `undefined` counts as not given. */
export type PatchOf<S> = { [K in keyof S]?: S[K] | undefined };

type KeysOfUnion<R> = R extends R ? keyof R : never;

/** Sees `{ n: 1, nope: 1 }` in a callback's return, which assignability alone lets through; also in async code, unions and `void`. */
export type OnlyFields<R, S> = [Exclude<KeysOfUnion<PatchIn<R>>, keyof S>] extends [never]
  ? unknown
  : { readonly error: `"${Exclude<KeysOfUnion<PatchIn<R>>, keyof S> & string}" is not a field of the state` };

/** The patch that a node returns, bare or with how to go on. */
type PatchIn<R> = R extends Control<infer P> ? P : R;

/** A step's name, unless the chain has it already. */
type Fresh<N extends string, Used extends string> = N extends Used ? { readonly error: `step "${N}" is already defined` } : N;

/** A model's alias, or any id that the configured vendor knows. */
export type Model = "haiku" | "sonnet" | "opus" | "fast" | "smart" | (string & {});

/** A text, or how it follows from the state (and, for shared context, from `ctx`). */
export type Text<S> = string | ((state: Readonly<S>, ctx: NodeContext) => string | Promise<string>);

export interface StepOptions {
  /** Time for one attempt of the step. */
  readonly timeout?: Duration;
}

export interface WhenOption<S> {
  /** Whether the step is run: `false` goes straight on, and nothing of it is kept. Of the state alone, for it is asked again after a crash. */
  readonly when?: (state: Readonly<S>) => boolean;
}

export interface NodeOptions extends StepOptions {
  /** Says that the step has no outside effect: neighbouring pure steps may share one commit. `false` by default. */
  readonly pure?: boolean;
  /** How often it is tried at most when it throws, or more about it; once by default. */
  readonly retries?: number | RetryOptions;
}

export interface RetryOptions {
  /** Attempts in all, 1 to 100. */
  readonly attempts: number;
  /** The pause before the second attempt; 1 s by default. */
  readonly backoff?: Duration;
  /** How many times longer each further pause is; 2 by default. */
  readonly factor?: number;
  /** No pause is longer; 30 s by default, 7 d at most. Above 30 s the run waits without a worker. */
  readonly longest?: Duration;
  /** The share of a pause that is left to chance, 0 to 1; 0.2 by default. */
  readonly jitter?: number;
  /** Which errors are worth another attempt; all of them by default, of a model those that may pass by themselves. */
  readonly on?: (error: unknown) => boolean;
}

type Condition<S> = (state: Readonly<S>, ctx: NodeContext) => boolean | Promise<boolean>;

/** Before each pass `while` has to hold, or `until` must not: exactly one of the two. */
export type LoopOptions<S> = {
  /** Passes at most, 1 to 10,000: one more fails the run with OV_LOOP_LIMIT. */
  readonly maxIterations: number;
  /** Time for the condition. */
  readonly timeout?: Duration;
} & ({ readonly while: Condition<S>; until?: never } | { readonly until: Condition<S>; while?: never });

/** How long to wait, or until when: a `Date`, ISO 8601, or milliseconds since 1970. A time that has passed is not waited for. */
export type WaitTime<S> =
  | Duration
  | { readonly until: (state: Readonly<S>, ctx: NodeContext) => Date | string | number | Promise<Date | string | number> };

/** The values that fields of an event's data must have. */
type Match<S> = Readonly<Record<string, (state: Readonly<S>, ctx: NodeContext) => string | number | boolean | null>>;

/** Which events to wait for, from the run's start on: also those that came before the wait. */
export interface EventWaitOptions<S, Used extends string> {
  /** A type such as "lead.replied", of any operator or from outside; or several. */
  readonly event: string | readonly string[];
  /** Of several types: any of them (by default), all, or so many. */
  readonly mode?: "any" | "all" | number;
  /** `{ lead_id: (s) => s.lead_id }`: only events whose data has these values count. Evaluated once, when the wait begins. */
  readonly match?: Match<S>;
  /** How long is waited; for as long as it takes when absent. */
  readonly timeout?: Duration;
  /** Steps to go through when the time is over; they rejoin at the next step, which is gone on with at once when absent. */
  readonly onTimeout?: ((arm: Steps<S, Used>) => Steps<S, string>) | null;
  /** A field that receives the event's data (with several types an object of it, by type), or field of the state -> field of the data. */
  readonly output?: (keyof S & string) | { readonly [K in keyof S]?: string };
}

export interface HumanOptions<S, Used extends string> extends WhenOption<S> {
  /** What people are asked. */
  readonly prompt: Text<S>;
  /** The state fields that an answer gives, all of them required. */
  readonly answer: readonly (keyof S & string)[];
  /** How long an answer is waited for; for as long as it takes when absent. */
  readonly timeout?: Duration;
  /** Taken as the answer when the time is over. Without it and without `onTimeout` the run fails with OV_ANSWER_TIMEOUT. */
  readonly default?: PatchOf<S>;
  /** Steps to go through when the time is over; they rejoin at the next step. */
  readonly onTimeout?: ((arm: Steps<S, Used>) => Steps<S, string>) | null;
  /** The question is told once more (`run.waiting`) when nobody has answered by then. */
  readonly reminder?: Duration;
  /** Who may answer, and how many of them have to (all of them by default). A true needs everybody's true; of other fields the last answer counts. */
  readonly approvers?: { readonly of: readonly string[]; readonly needed?: number };
}

export interface LlmOptions<S> extends StepOptions, WhenOption<S> {
  readonly model: Model;
  /** Asked in this order when the model before is not to be reached, is gone, or refuses, each with attempts of its own. */
  readonly fallback?: readonly Model[];
  /** Has the vendor keep the system prompt for the next calls, where it can: cheaper when it is long and used within minutes. */
  readonly cache?: boolean;
  /** The longest answer, in tokens; 4096 by default. */
  readonly maxTokens?: number;
  /** 0 to 2; sent only to models that take it. */
  readonly temperature?: number;
  readonly system?: Text<S>;
  readonly user: Text<S>;
  /** How often the model is asked at most, when it or its vendor fails; 3 by default. */
  readonly attempts?: number;
  /** The same, counted without the first attempt, or more about it. Give one of the two. */
  readonly retries?: number | RetryOptions;
}

/** Where the answer goes: exactly one of the three. Property names instead of overloads, which ruin the error's text. */
export type Into<S, R> =
  /** The text, unchanged, into one field. The union stands inline so that an error shows the fields that take a text. */
  | { readonly output: { [K in keyof S]-?: string extends S[K] ? K : never }[keyof S] & string; outputs?: never; parse?: never }
  /** JSON into several fields: the schema is picked from the state, every field is required, nothing else is allowed. */
  | { readonly outputs: readonly (keyof S & string)[]; output?: never; parse?: never }
  /** Code of your own: no schema, and no second question to the model. */
  | { readonly parse: ((reply: string, state: Readonly<S>) => R) & OnlyFields<NoInfer<R>, S>; output?: never; outputs?: never };

/** Where a route leads: steps that rejoin behind the branch, straight on (`null`), another step by its name, or the run's end (`end()`). */
export type RouteTo<S, Used extends string> = ((arm: Steps<S, Used>) => Steps<S, string>) | null | string | End<Record<string, never>>;

export interface GraphOptions<S, G, R> extends StepOptions, WhenOption<S> {
  /** What the graph is begun with; the whole state when absent. */
  readonly input?: (state: Readonly<S>, ctx: NodeContext) => GraphInput<G> | Promise<GraphInput<G>>;
  /** A field that takes the graph's whole result, or how that becomes fields. Fields of the state that the result has as well, when absent. */
  readonly output?: (keyof S & string) | (((result: GraphOutput<G>, state: Readonly<S>) => R | Promise<R>) & OnlyFields<NoInfer<R>, S>);
  /** What people answer to an `interrupt()`; what the graph says of it by `responseSchema`, else any object, when absent. */
  readonly answer?: z.ZodType;
  /** How long each answer is waited for; for as long as it takes when absent. */
  readonly answerTimeout?: Duration;
  /** What `interrupt()` gives when the time is over: JSON. Without it the run fails with OV_ANSWER_TIMEOUT. */
  readonly answerDefault?: JsonValue;
  /** Supersteps at most, each time the graph goes on; LangGraph's own (25) when absent. */
  readonly recursionLimit?: number;
}

/** What a branch's code answers: a route, or a route with fields to change first. */
export type Chosen<R, P> = R | { readonly route: R; readonly set?: P };

/** What `operator` needs of a workflow; every chain is one. */
export interface AnyWorkflow {
  readonly id: string;
  readonly [DRAFT]: WorkflowDraft;
  /** For types only; no value has it. */
  readonly "~types"?: { readonly input: unknown; readonly state: unknown };
}

/**
 * A workflow so far. Order of declaration is order of execution. Every call gives a new value, the old one stays as it is.
 * `S` is the state, `Used` the names of the steps, `In` the fields of the input.
 */
export interface Steps<S, Used extends string = never, Id extends string = never, In = unknown> extends AnyWorkflow {
  readonly id: Id;
  readonly "~types"?: { readonly input: In; readonly state: S };

  /** One question to a model. */
  llm<const N extends string, R extends PatchOf<S> = Record<never, never>>(
    name: Fresh<N, Used>,
    step: LlmOptions<S> & Into<S, R>,
  ): Steps<S, Used | N, Id, In>;

  /**
   * Code of your own: gets the state, gives back the fields to change. It may return `sleep(duration, patch)`, `goto(step, patch)` or `end(patch)`
   * instead.
   */
  node<const N extends string, R extends PatchOf<S> | Control<PatchOf<S>> | void>(
    name: Fresh<N, Used>,
    run: ((state: Readonly<S>, ctx: NodeContext) => R | Promise<R>) & OnlyFields<NoInfer<R>, S>,
    options?: NodeOptions & WhenOption<S>,
  ): Steps<S, Used | N, Id, In>;

  /**
   * Picks one of the routes; each route's steps rejoin at the next step, `null` goes straight on, a name goes to that step (not into a loop), `end()` ends
   * the run. A route without an entry does not compile.
   * A state field named like the step receives the route.
   */
  branch<const N extends string, const R extends string, P extends PatchOf<S> = Record<never, never>>(
    name: Fresh<N, Used>,
    choose: ((state: Readonly<S>, ctx: NodeContext) => Chosen<R, P> | Promise<Chosen<R, P>>) & OnlyFields<NoInfer<P>, S>,
    routes: { readonly [K in NoInfer<R>]: RouteTo<S, Used | N> },
    options?: StepOptions,
  ): Steps<S, Used | N, Id, In>;

  /** Runs the body's steps again and again. Each pass and each step in it is durable. */
  loop<const N extends string>(
    name: Fresh<N, Used>,
    options: LoopOptions<S>,
    body: (body: Steps<S, Used | N>) => Steps<S, string>,
  ): Steps<S, Used | N, Id, In>;

  /** Lets time pass, up to years, or waits for events: the run holds no worker meanwhile and survives restarts of everything. */
  wait<const N extends string>(
    name: Fresh<N, Used>,
    what: WaitTime<S> | EventWaitOptions<S, Used | N>,
    options?: WhenOption<S>,
  ): Steps<S, Used | N, Id, In>;

  /** Asks people and waits for their answer, which `POST …/resume` brings. */
  human<const N extends string>(name: Fresh<N, Used>, options: HumanOptions<S, Used | N>): Steps<S, Used | N, Id, In>;

  /**
   * Runs a compiled LangGraph graph, with its own state. Each of its supersteps is durable; its `interrupt(value)` makes the run wait for people, as
   * `.human` does. It keeps no checkpointer of its own.
   */
  graph<const N extends string, G extends CompiledGraph, R extends PatchOf<S> = Record<never, never>>(
    name: Fresh<N, Used>,
    graph: G,
    options?: GraphOptions<S, G, R>,
  ): Steps<S, Used | N, Id, In>;

  /** Begins a run of a workflow, of this operator or another one, and goes on when it has ended. Holds no worker meanwhile. */
  run<
    const N extends string,
    W extends ChildWorkflow,
    I extends ChildInput<W> = ChildInput<W>,
    R extends PatchOf<S> = Record<never, never>,
    F extends PatchOf<S> = Record<never, never>,
  >(name: Fresh<N, Used>, options: RunOptions<S, W, I, R, F>): Steps<S, Used | N, Id, In>;

  /** Begins a run of a workflow for each item of a list, some at a time, and goes on when all have ended. Results are in the order of the items. */
  each<
    const N extends string,
    W extends ChildWorkflow,
    Item,
    How extends "fail" | "skip" | "collect" = "fail",
    I extends ChildInput<W> = ChildInput<W>,
    R extends PatchOf<S> = Record<never, never>,
  >(name: Fresh<N, Used>, options: EachOptions<S, W, Item, How, I, R>): Steps<S, Used | N, Id, In>;
}
