import type { Patch } from "./definition.ts";
import { type Duration, parseDuration } from "./duration.ts";
import type { NodeId } from "./ids.ts";

/** How a run goes on behind a node that says more than which fields change. */
export type Onward =
  | { readonly kind: "sleep"; readonly durationMs: number }
  | { readonly kind: "goto"; readonly nodeId: NodeId }
  | { readonly kind: "end" };

const CONTROL = Symbol.for("openvibe.control");

/** What a node returns instead of a patch. Not an object of state fields: the runtime takes it apart. */
export class Control<P extends Patch = Patch> {
  readonly [CONTROL] = true;
  readonly patch: P;
  readonly next: Onward;

  constructor(patch: P, next: Onward) {
    this.patch = patch;
    this.next = next;
  }
}

/** Of this copy of the library, or of another one beside it. */
export function isControl(value: unknown): value is Control {
  return typeof value === "object" && value !== null && (value as { [CONTROL]?: unknown })[CONTROL] === true;
}

/**
 * Keeps the patch, then lets time pass before the next step; the run holds no worker meanwhile.
 * @throws OpenVibeError OV_DEFINITION_INVALID for what is no duration
 */
export function sleep<const P extends Patch = Record<never, never>>(duration: Duration, patch: P = {} as P): Control<P> {
  return new Control(patch, { kind: "sleep", durationMs: parseDuration(duration, "sleep") });
}

/** Keeps the patch, then goes on at another step of the workflow, forwards or back. */
export function goto<const P extends Patch = Record<never, never>>(nodeId: string, patch: P = {} as P): Control<P> {
  return new Control(patch, { kind: "goto", nodeId });
}

/** What `end` gives; without a patch it is also a branch's route. */
export type End<P extends Patch = Patch> = Control<P> & { readonly next: { readonly kind: "end" } };

/** Keeps the patch, then ends the run as completed, whatever steps there are. As a branch's route: ends the run there. */
export function end<const P extends Patch = Record<never, never>>(patch: P = {} as P): End<P> {
  return new Control(patch, { kind: "end" }) as End<P>;
}
