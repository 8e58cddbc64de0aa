/** The chain that authors write a workflow with, as the compiler sees it. */
import type { Control, End, NodeContext } from "@openvibe/core";
import type { AnyWorkflow } from "./any-workflow.ts";
import type { ChildInput, ChildWorkflow, EachOptions, RunOptions } from "./child-steps.ts";
import type { CompiledGraph } from "./graph-types.ts";
import type {
  EventsAwaited,
  GraphOptions,
  Into,
  LlmOptions,
  LoopOptions,
  NodeOptions,
  OnlyFields,
  PatchOf,
  Question,
  StepOptions,
  WaitTime,
  WhenOption,
} from "./step-options.ts";

/** A step's name, unless the chain has it already. */
type Fresh<N extends string, Used extends string> = N extends Used ? { readonly error: `step "${N}" is already defined` } : N;

/** The values that fields of an event's data must have. */
type Match<S> = Readonly<Record<string, (state: Readonly<S>, ctx: NodeContext) => string | number | boolean | null>>;

/** Which events to wait for, from the run's start on: also those that came before the wait. */
export interface EventWaitOptions<S, Used extends string> extends EventsAwaited {
  /** `{ lead_id: (s) => s.lead_id }`: only events whose data has these values count. Evaluated once, when the wait begins. */
  readonly match?: Match<S>;
  /** Steps to go through when the time is over; they rejoin at the next step, which is gone on with at once when absent. */
  readonly onTimeout?: ((arm: Steps<S, Used>) => Steps<S, string>) | null;
  /** A field that receives the event's data (with several types an object of it, by type), or field of the state -> field of the data. */
  readonly output?: (keyof S & string) | { readonly [K in keyof S]?: string };
}

export interface HumanOptions<S, Used extends string> extends Question<S> {
  /** Taken as the answer when the time is over. Without it and without `onTimeout` the run fails with OV_ANSWER_TIMEOUT. */
  readonly default?: PatchOf<S>;
  /** Steps to go through when the time is over; they rejoin at the next step. */
  readonly onTimeout?: ((arm: Steps<S, Used>) => Steps<S, string>) | null;
}

/** Where a route leads: steps that rejoin behind the branch, straight on (`null`), another step by its name, or the run's end (`end()`). */
export type RouteTo<S, Used extends string> = ((arm: Steps<S, Used>) => Steps<S, string>) | null | string | End<Record<string, never>>;

/** What a branch's code answers: a route, or a route with fields to change first. */
export type Chosen<R, P> = R | { readonly route: R; readonly set?: P };

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
