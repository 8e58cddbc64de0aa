/**
 * What a step may be told beside its code, over a state `S`. The chain lays the operator's state in; a draft, which knows none, has the same options over
 * any state (`draft.ts`): an option is written down once.
 */
import type { Control, Duration, JsonValue, NodeContext } from "@openvibe/core";
import type { z } from "zod";
import type { GraphInput, GraphOutput } from "./graph-types.ts";

/** Fields to change; `undefined` counts as not given. */
export type PatchOf<S> = { [K in keyof S]?: S[K] | undefined };

type KeysOfUnion<R> = R extends R ? keyof R : never;

/** Sees `{ n: 1, nope: 1 }` in a callback's return, which assignability alone lets through; also in async code, unions and `void`. */
export type OnlyFields<R, S> = [Exclude<KeysOfUnion<PatchIn<R>>, keyof S>] extends [never]
  ? unknown
  : { readonly error: `"${Exclude<KeysOfUnion<PatchIn<R>>, keyof S> & string}" is not a field of the state` };

/** The patch that a node returns, bare or with how to go on. */
type PatchIn<R> = R extends Control<infer P> ? P : R;

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

export type Condition<S> = (state: Readonly<S>, ctx: NodeContext) => boolean | Promise<boolean>;

export interface LoopBounds {
  /** Passes at most, 1 to 10,000: one more fails the run with OV_LOOP_LIMIT. */
  readonly maxIterations: number;
  /** Time for the condition. */
  readonly timeout?: Duration;
}

/** Before each pass `while` has to hold, or `until` must not: exactly one of the two. */
export type LoopOptions<S> = LoopBounds &
  ({ readonly while: Condition<S>; until?: never } | { readonly until: Condition<S>; while?: never });

/** How long to wait, or until when: a `Date`, ISO 8601, or milliseconds since 1970. A time that has passed is not waited for. */
export type WaitTime<S> =
  | Duration
  | { readonly until: (state: Readonly<S>, ctx: NodeContext) => Date | string | number | Promise<Date | string | number> };

/** Which events to wait for, from the run's start on: also those that came before the wait. */
export interface EventsAwaited {
  /** A type such as "lead.replied", of any operator or from outside; or several. */
  readonly event: string | readonly string[];
  /** Of several types: any of them (by default), all, or so many. */
  readonly mode?: "any" | "all" | number;
  /** How long is waited; for as long as it takes when absent. */
  readonly timeout?: Duration;
}

/** What people are asked, and what becomes of it; whether other steps follow on silence is said besides. */
export interface Question<S> extends WhenOption<S> {
  /** What people are asked. */
  readonly prompt: Text<S>;
  /** The state fields that an answer gives, all of them required. */
  readonly answer: readonly (keyof S & string)[];
  /** How long an answer is waited for; for as long as it takes when absent. */
  readonly timeout?: Duration;
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

export interface GraphBounds<S> extends StepOptions, WhenOption<S> {
  /** What people answer to an `interrupt()`; what the graph says of it by `responseSchema`, else any object, when absent. */
  readonly answer?: z.ZodType;
  /** How long each answer is waited for; for as long as it takes when absent. */
  readonly answerTimeout?: Duration;
  /** What `interrupt()` gives when the time is over: JSON. Without it the run fails with OV_ANSWER_TIMEOUT. */
  readonly answerDefault?: JsonValue;
  /** Supersteps at most, each time the graph goes on; LangGraph's own (25) when absent. */
  readonly recursionLimit?: number;
}

export interface GraphOptions<S, G, R> extends GraphBounds<S> {
  /** What the graph is begun with; the whole state when absent. */
  readonly input?: (state: Readonly<S>, ctx: NodeContext) => GraphInput<G> | Promise<GraphInput<G>>;
  /** A field that takes the graph's whole result, or how that becomes fields. Fields of the state that the result has as well, when absent. */
  readonly output?: (keyof S & string) | (((result: GraphOutput<G>, state: Readonly<S>) => R | Promise<R>) & OnlyFields<NoInfer<R>, S>);
}

export interface ChildOptions<S> extends WhenOption<S> {
  /** From the child's beginning until it is `timed_out`; the parent's own deadline counts for it besides. */
  readonly timeout?: Duration;
  /** The operator that has the workflow; the workflow's own one by default. */
  readonly operator?: string;
}

export interface EachBounds {
  /** Children under way at a time, 1 to 100; 10 by default. */
  readonly concurrency?: number;
  /** Items at most, 1 to 10,000; 1,000 by default. One more fails the run with OV_ITEMS_LIMIT. */
  readonly maxItems?: number;
}
