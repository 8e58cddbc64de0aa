import type { ContextBucket } from "@openvibe/core";
import { checkContextValue } from "./node-payloads.ts";
import { patiently } from "./patience.ts";

/**
 * An unreachable bus inside a node is no failure of the node: the call repeats until the node's own time is over. Writes of a node that has ended are
 * refused.
 */
export function patientBucket(bucket: ContextBucket, signal: AbortSignal, refuseWhenClosed: (call: string) => void): ContextBucket {
  const write = <T>(what: string, call: () => Promise<T>) =>
    patiently(
      async () => {
        refuseWhenClosed(what);
        return await call();
      },
      { signal },
    );
  return {
    get: (key) => patiently(() => bucket.get(key), { signal }),
    put: (key, value) => write("put", () => bucket.put(key, checkContextValue(key, value))),
    update: (key, fn) =>
      write("update", () => bucket.update(key, async (current) => checkContextValue(key, await fn(current as never)) as never)),
    delete: (key) => write("delete", () => bucket.delete(key)),
  };
}
