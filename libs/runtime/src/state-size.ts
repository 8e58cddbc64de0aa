import { type NodeId, OpenVibeError, type State } from "@openvibe/core";

const MAX_STATE_BYTES = 512 * 1024;

/** Keeps a run's state within its bound. What a patch adds is mostly small: the whole is measured only when the sum of what was added could be too much. */
export class StateSize {
  /** No less than the bytes of JSON that the state has. */
  #mostBytes: number | undefined;

  /** @throws OpenVibeError OV_STATE_TOO_LARGE */
  check(nodeId: NodeId, { before, patch, after }: { readonly before: State; readonly patch: State; readonly after: State }): void {
    this.#mostBytes = (this.#mostBytes ?? jsonBytes(before)) + jsonBytes(patch);
    if (this.#mostBytes <= MAX_STATE_BYTES) return;
    const bytes = jsonBytes(after);
    this.#mostBytes = bytes;
    if (bytes > MAX_STATE_BYTES)
      throw new OpenVibeError(
        "OV_STATE_TOO_LARGE",
        `node ${nodeId}: the state would have ${bytes} bytes of JSON; allowed are ${MAX_STATE_BYTES}`,
      );
  }
}

function jsonBytes(state: State): number {
  return Buffer.byteLength(JSON.stringify(state));
}
