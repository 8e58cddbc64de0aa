import type { Duration, NodeContext } from "@openvibe/core";
import type { DRAFT, WorkflowDraft } from "./draft.ts";

/** Fields to change; `undefined` counts as not given. */
export type PatchOf<S> = { [K in keyof S]?: S[K] | undefined };

type KeysOfUnion<R> = R extends R ? keyof R : never;

/** Sees `{ n: 1, nope: 1 }` in a callback's return, which assignability alone lets through; also in async code, unions and `void`. */
type OnlyFields<R, S> = [Exclude<KeysOfUnion<R>, keyof S>] extends [never]
  ? unknown
  : { readonly error: `"${Exclude<KeysOfUnion<R>, keyof S> & string}" is not a field of the state` };

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

export interface NodeOptions extends StepOptions {
  /** Says that the step has no outside effect: neighbouring pure steps may share one commit. `false` by default. */
  readonly pure?: boolean;
}

export interface LlmOptions<S> extends StepOptions {
  readonly model: Model;
  /** The longest answer, in tokens; 4096 by default. */
  readonly maxTokens?: number;
  /** 0 to 2; sent only to models that take it. */
  readonly temperature?: number;
  readonly system?: Text<S>;
  readonly user: Text<S>;
  /** How often the model is asked at most, when it or its vendor fails; 3 by default. */
  readonly attempts?: number;
  /** The same, counted without the first attempt. Give one of the two. */
  readonly retries?: number;
}

/** Where the answer goes: exactly one of the three. Property names instead of overloads, which ruin the error's text. */
export type Into<S, R> =
  /** The text, unchanged, into one field. The union stands inline so that an error shows the fields that take a text. */
  | { readonly output: { [K in keyof S]-?: string extends S[K] ? K : never }[keyof S] & string; outputs?: never; parse?: never }
  /** JSON into several fields: the schema is picked from the state, every field is required, nothing else is allowed. */
  | { readonly outputs: readonly (keyof S & string)[]; output?: never; parse?: never }
  /** Code of your own: no schema, and no second question to the model. */
  | { readonly parse: ((reply: string, state: Readonly<S>) => R) & OnlyFields<NoInfer<R>, S>; output?: never; outputs?: never };

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

  /** Code of your own: gets the state, gives back the fields to change. */
  node<const N extends string, R extends PatchOf<S> | void>(
    name: Fresh<N, Used>,
    run: ((state: Readonly<S>, ctx: NodeContext) => R | Promise<R>) & OnlyFields<NoInfer<R>, S>,
    options?: NodeOptions,
  ): Steps<S, Used | N, Id, In>;

  /**
   * Picks one of the routes; each route's steps rejoin at the next step, `null` goes straight on. A route without an entry does not compile.
   * A state field named like the step receives the route.
   */
  branch<const N extends string, const R extends string, P extends PatchOf<S> = Record<never, never>>(
    name: Fresh<N, Used>,
    choose: ((state: Readonly<S>, ctx: NodeContext) => Chosen<R, P> | Promise<Chosen<R, P>>) & OnlyFields<NoInfer<P>, S>,
    routes: { readonly [K in NoInfer<R>]: ((arm: Steps<S, Used | N>) => Steps<S, string>) | null },
    options?: StepOptions,
  ): Steps<S, Used | N, Id, In>;
}
