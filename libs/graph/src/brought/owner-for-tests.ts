import { newRunId } from "@openvibe/core";
import type { CheckpointOwner, Store } from "@openvibe/store";

/** Who owns a new run, which it has claimed. */
export async function anOwner(store: Store): Promise<CheckpointOwner> {
  const runId = newRunId(Date.now());
  const event = { type: "run.queued", time: "2026-11-28T08:00:00.000Z", data: {} };
  await store.runs.insert({
    runId,
    operatorId: "graphs",
    workflowId: "w",
    trigger: "w",
    definition: "v",
    input: {},
    ignoredInput: [],
    tags: {},
    event,
  });
  const { claimed } = await store.runs.claim({ runId, wake: 0, owner: "worker-me" });
  if (claimed === undefined) throw new Error("a new run was not claimed");
  return { runId, attempt: claimed.run.attempt };
}
