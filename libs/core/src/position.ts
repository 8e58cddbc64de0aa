import type { NodeId } from "./ids.ts";

/** Where a run goes on, and the passes of the loops it is in: from the outermost to the innermost, the running pass counted from 1. */
export interface LoopPosition {
  readonly stepId: NodeId;
  readonly passes: ReadonlyMap<NodeId, number>;
  /** How often the run has gone back to an earlier step, loops not counted: what is done again then is done anew. */
  readonly returns: number;
}

/** As the store keeps it: `step`, `step@outer=2,inner=1` inside loops, `step~1` after having gone back once. An id has none of `~`, `@`, `=` and `,`. */
export function writePosition({ stepId, passes, returns }: LoopPosition): string {
  const at = returns === 0 ? stepId : `${stepId}~${returns}`;
  return passes.size === 0 ? at : `${at}@${[...passes].map(([loop, pass]) => `${loop}=${pass}`).join(",")}`;
}

/** Reads what `writePosition` wrote. */
export function parsePosition(text: string): LoopPosition {
  const [at = "", passes = ""] = text.split("@");
  const [stepId = "", returns = "0"] = at.split("~");
  const entries = passes === "" ? [] : passes.split(",").map((entry) => entry.split("="));
  return { stepId, passes: new Map(entries.map(([loop = "", pass]) => [loop, Number(pass)])), returns: Number(returns) };
}
