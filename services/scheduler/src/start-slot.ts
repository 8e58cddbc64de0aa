import { cronOrigin, toIso } from "@openvibe/core";
import type { Acceptor } from "@openvibe/runtime";
import type { StartSlot } from "@openvibe/scheduler";

/** A slot's run comes in as every other: checked, counted, and stored under its cause. It has no input; its tag `slot` says which one it is. */
export function startSlotBy(acceptor: Pick<Acceptor, "accept">): StartSlot {
  return async ({ operatorId, triggerId, at }) => {
    const origin = cronOrigin(operatorId, triggerId, at);
    const { run, replayed } = await acceptor.accept({ operatorId, trigger: triggerId, input: {}, tags: { slot: toIso(at) }, origin });
    return { runId: run.runId, isNew: !replayed };
  };
}
