import type { NodeId } from "./ids.ts";

/** Why no worker goes on with a queued run: none that has met it has a version that fits. JSON as on the wire. */
export interface Parked {
  readonly reason: string;
  /** Of the operator's definition, which the run goes by. */
  readonly needs_version: string;
  /** Of the worker that met it last. */
  readonly met_version: string;
  /** The step that comes next; `null` behind the last one. */
  readonly node_id: NodeId | null;
  /** ISO 8601, UTC: no worker has gone on with it since. */
  readonly since: string;
}
