import { type HookCode, type HookEvent, type HookName, type OpenVibeEvent, type OwnEventWord, parseHookType } from "@openvibe/core";
import { definitionFault, shown } from "./definition-fault.ts";

/** What a hook is told besides the event. */
export interface HookCall {
  /** Aborts when nobody waits for the handler any more. */
  readonly signal: AbortSignal;
}

/** Told by whoever starts or wakes a run, which need not be a process that has the operator's code. */
type Elsewhere = "run.queued" | "run.resumed";
const ELSEWHERE: readonly string[] = ["run.queued", "run.resumed"] satisfies readonly Elsewhere[];
/** Not of a run. */
const OF_NO_RUN = ["context.", "operator.", "subscription."];

/** A method, so that a handler of one type is a handler among others: https://www.typescriptlang.org/tsconfig/#strictFunctionTypes */
type AnyHandler = { call(event: AnyEvent, call: HookCall): unknown }["call"];
type AnyEvent = Omit<OpenVibeEvent, "data"> & { readonly data: Readonly<Record<string, unknown>> };

type NamedHooks = {
  readonly [T in Exclude<HookName, Elsewhere>]?: (event: HookEvent<T>, call: HookCall) => unknown;
} & { readonly [T in Elsewhere]?: never };

/**
 * Handlers of an operator's own for what its runs come to, by the event's type: `run.completed`, `node.error`, one it publishes (`lead.qualified`), a prefix
 * (`run.*`) or `*`. The worker that commits the event calls them, in that process and at most once; nothing waits for them.
 */
export type OperatorHooks = NamedHooks & { readonly [type: string]: AnyHandler | undefined };

/**
 * Refuses `run.complete` where it is written: the index signature above, which is there for types that operators publish, lets every name pass. `Given` is
 * what stands in `on`.
 */
export type KnownHooks<Given extends string> = {
  readonly [T in Given]: T extends HookName | "run.*" | "node.*"
    ? unknown
    : T extends OwnEventWord | `${OwnEventWord}.${string}`
      ? never
      : unknown;
};

/** @throws OpenVibeError OV_DEFINITION_INVALID for a type that no worker tells, and for what is no function */
export function compileHooks(hooks: unknown, operatorAt: string): readonly HookCode[] {
  if (typeof hooks !== "object" || hooks === null || Array.isArray(hooks))
    throw definitionFault(`${operatorAt}, on`, 'allowed are handlers by event type: { "run.completed": (event) => … }');
  return Object.entries(hooks).map(([given, handler]: [string, unknown]) => {
    const at = `${operatorAt}, on ${shown(given)}`;
    const type = parseHookType(given, (detail) => definitionFault(at, detail));
    if (ELSEWHERE.includes(type))
      throw definitionFault(
        at,
        "no worker tells it: who starts or wakes a run does; hear it with runtime.on, a webhook or an event trigger",
      );
    if (OF_NO_RUN.some((prefix) => type.startsWith(prefix)))
      throw definitionFault(at, "is no event of a run; hear it with runtime.on, a webhook or an event trigger");
    if (typeof handler !== "function") throw definitionFault(at, "needs a function of the event");
    return { type, call: handler as HookCode["call"] };
  });
}
