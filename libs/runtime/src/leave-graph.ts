import type { State } from "@openvibe/core";
import type { Position } from "@openvibe/graph";

/** `ended`: a terminal state is committed. `released`: given back for another worker. `lost`: another attempt owns it, or the store said so. */
export type ExecutionEnd = "ended" | "released" | "lost";

/** Leaves the graph: the run is settled, nothing more is to be done in it. */
export class LeaveGraph extends Error {
  readonly end: ExecutionEnd;
  constructor(end: ExecutionEnd) {
    super(`the run is ${end}`);
    this.end = end;
  }
}

/** Leaves the graph to enter it again at another step, or not at all where the run is to end: the commit before it says so. */
export class EnterAt extends Error {
  readonly state: State;
  readonly position: Position;
  constructor(state: State, position: Position) {
    super(`the run goes on at ${position ?? "its end"}`);
    this.state = state;
    this.position = position;
  }
}
