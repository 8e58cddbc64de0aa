/** What `.run` and `.each` are given. */
import type { FinalStatus, JsonObject, NodeContext, RunError } from "@openvibe/core";
import type { AnyWorkflow } from "./any-workflow.ts";
import type { ChildOptions, EachBounds, OnlyFields } from "./step-options.ts";

/** A workflow value, which tells its types, or the id of one: of the operator itself, or of another one that is named beside it. */
export type ChildWorkflow = AnyWorkflow | string;

type TypesOf<W> = W extends { readonly "~types"?: infer T } ? NonNullable<T> : never;

/** What a child may be given; any JSON object where only the workflow's id is known. */
export type ChildInput<W> = W extends AnyWorkflow
  ? TypesOf<W> extends { readonly input: infer In }
    ? { readonly [K in keyof In]?: In[K] | undefined }
    : never
  : Readonly<Record<string, unknown>>;

/** What a completed child gives: the fields that were given as input or written by a step. */
export type ChildOutput<W> = W extends AnyWorkflow
  ? TypesOf<W> extends { readonly state: infer S }
    ? { readonly [K in keyof S]?: Exclude<S[K], undefined> }
    : never
  : JsonObject;

/** A child that did not complete. */
export interface ChildFailure {
  readonly runId: string;
  readonly status: Exclude<FinalStatus, "completed">;
  /** Absent where it was cancelled. */
  readonly error: RunError | null;
}

export type ChildResult<Output> = { readonly runId: string; readonly status: "completed"; readonly output: Output } | ChildFailure;

/** Fields that take such a value; whether all that they require is there is seen when a child ends. */
type FieldsFor<S, V> = { [K in keyof S]-?: V extends S[K] ? K : Whole<V> extends S[K] ? K : never }[keyof S] & string;
type Whole<V> = V extends readonly (infer E)[] ? Required<E>[] : Required<V>;

export type RunOptions<S, W extends ChildWorkflow, I, R, F> = ChildOptions<S> & {
  readonly workflow: W;
  /** What the child begins with; nothing by default. */
  readonly input?: ((state: Readonly<S>, ctx: NodeContext) => I | Promise<I>) & OnlyFields<NoInfer<I>, ChildInput<W>>;
  /** What happens when the child ends in another way than completed: the run fails with OV_CHILD_FAILED (default), or goes on with these fields. */
  readonly onFailure?: "fail" | (((failure: ChildFailure, state: Readonly<S>) => F | Promise<F>) & OnlyFields<NoInfer<F>, S>);
} & (
    | { readonly output?: W extends AnyWorkflow ? FieldsFor<S, ChildOutput<W>> : keyof S & string; map?: never }
    | {
        readonly map: ((output: ChildOutput<W>, state: Readonly<S>) => R | Promise<R>) & OnlyFields<NoInfer<R>, S>;
        output?: never;
      }
  );

/** What an `.each` gives of all its children, in the order of the items. */
type EachResults<W, How> = How extends "collect" ? readonly ChildResult<ChildOutput<W>>[] : readonly ChildOutput<W>[];

export type EachOptions<S, W extends ChildWorkflow, Item, How extends "fail" | "skip" | "collect", I, R> = ChildOptions<S> &
  EachBounds & {
    readonly workflow: W;
    /** One child for each. Must follow from the state alone: it is asked again whenever children are begun. */
    readonly items: (state: Readonly<S>, ctx: NodeContext) => readonly Item[] | Promise<readonly Item[]>;
    readonly input: ((item: Item, index: number, state: Readonly<S>) => I | Promise<I>) & OnlyFields<NoInfer<I>, ChildInput<W>>;
    /**
     * `fail` (default): the first child that does not complete fails the run, and the others are cancelled. `skip`: its result is left out.
     * `collect`: all ends are among the results, each with its status.
     */
    readonly onFailure?: How;
  } & (
    | { readonly output?: W extends AnyWorkflow ? FieldsFor<S, EachResults<W, How>> : keyof S & string; map?: never }
    | {
        readonly map: ((results: EachResults<W, How>, state: Readonly<S>) => R | Promise<R>) & OnlyFields<NoInfer<R>, S>;
        output?: never;
      }
  );
