import { findJsonFault, type JsonObject, type JsonValue } from "@openvibe/core";
import type { GraphListener, ModelUsage } from "@openvibe/graph";

/** Live events of one step in a second; of a graph that tells more, the rest is counted. */
const MAX_PER_SECOND = 50;
const MAX_BYTES = 16 * 1024;

export interface GraphTold {
  readonly onProgress: (data: JsonObject) => void;
  readonly onDelta: (text: string) => void;
  readonly onModelCall: (usage: ModelUsage | undefined) => void;
}

/** Tells what a graph does as `node.progress`, no more of it than a listener can follow; nothing rests on it. After `close` nothing more is told. */
export function createGraphListener({ onProgress, onDelta, onModelCall }: GraphTold) {
  let windowStart = Number.NEGATIVE_INFINITY;
  let told = 0;
  let left = 0;
  let closed = false;
  const progress = (data: JsonObject) => {
    if (closed) return;
    const now = performance.now();
    if (now - windowStart >= 1_000) {
      windowStart = now;
      told = 0;
    }
    if (told >= MAX_PER_SECOND) {
      left++;
      return;
    }
    told++;
    onProgress(left === 0 ? data : { ...data, left_out: left });
    left = 0;
  };
  const listener: GraphListener = {
    token: (text) => closed || onDelta(text),
    custom: (value) => progress(toCustom(value)),
    modelCalled: onModelCall, // counted even when nobody waits for it any more
    node: (at, name, path) => progress({ graph_node: name, at, ...(path.length === 0 ? {} : { within: path }) }),
  };
  return {
    listener,
    close() {
      closed = true;
    },
  };
}

function toCustom(value: unknown): JsonObject {
  const fault = findJsonFault(value);
  if (fault !== undefined) return { refused: `${fault.pointer === "" ? "the value" : fault.pointer}: ${fault.detail}` };
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > MAX_BYTES ? { refused: `${bytes} bytes of JSON; told are at most ${MAX_BYTES}` } : { custom: value as JsonValue };
}
