import { AsyncLocalStorage } from "node:async_hooks";
import type { NodeId, OperatorId, RunId } from "./ids.ts";

/** Whose code runs. Keys as they stand in a log line. */
export interface CodePlace {
  readonly run_id: RunId;
  readonly operator_id: OperatorId;
  readonly node_id: NodeId;
}

// One for the process, as its unhandled rejections are: each belongs to the code that left it behind.
const place = new AsyncLocalStorage<CodePlace>();

/** Runs an author's code, so that what it leaves behind can be named. */
export function atCodePlace<T>(where: CodePlace, code: () => T): T {
  return place.run(where, code);
}

/** Also in the handler of an unhandled rejection: Node calls it in the context that left the promise. */
export function findCodePlace(): CodePlace | undefined {
  return place.getStore();
}
