import type { NodeId } from "./ids.ts";

/** Where a run goes on, and the passes of the loops it is in: from the outermost to the innermost, the running pass counted from 1. */
export interface LoopPosition {
  readonly stepId: NodeId;
  readonly passes: ReadonlyMap<NodeId, number>;
}

/** As the store keeps it: `step`, or `step@outer=2,inner=1` inside loops. An id has neither `@`, `=` nor `,`. */
export function writePosition({ stepId, passes }: LoopPosition): string {
  return passes.size === 0 ? stepId : `${stepId}@${[...passes].map(([loop, pass]) => `${loop}=${pass}`).join(",")}`;
}

/** Reads what `writePosition` wrote. */
export function parsePosition(text: string): LoopPosition {
  const [stepId = "", passes = ""] = text.split("@");
  const entries = passes === "" ? [] : passes.split(",").map((entry) => entry.split("="));
  return { stepId, passes: new Map(entries.map(([loop = "", pass]) => [loop, Number(pass)])) };
}
