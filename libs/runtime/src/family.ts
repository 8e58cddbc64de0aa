/** Runs that began others, and those others: what the end of one means for its parent and its children. */
import type { Bus } from "@openvibe/bus";
import { type Clock, isFinal, newToken, type Outbox, type Run, type RunId, RunStatus, toIso } from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { mayGoOn, toChildWait } from "./child-wait.ts";

export interface FamilyDeps {
  readonly bus: Pick<Bus, "queue" | "signals">;
  readonly store: Pick<Store, "runs" | "children">;
  readonly clock: Clock;
  /** Publishes the events of a child that was cancelled here. */
  readonly publish: (child: Run, outbox: Outbox) => Promise<void>;
}

const CANCEL_AT_ONCE = 100;

/**
 * Called after each commit that ends a run or lets it wait, and before its events are marked as sent: what a crash leaves undone here is done by
 * whoever publishes them then (DESIGN §6 rule 5), so that no sweep of its own is needed. May be repeated.
 * A run without a parent that completes costs no statement.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE
 */
export async function tellFamily(deps: FamilyDeps, run: Run): Promise<void> {
  // A child may have ended before its parent was parked, when it could not be woken yet.
  if (run.status === RunStatus.Waiting) return await wakeWhenReady(deps, run);
  if (!isFinal(run.status)) return;
  // Whoever completes has waited for all of its children.
  if (run.status !== RunStatus.Completed) await cancelChildren(deps, run.runId);
  if (run.parentRunId === null) return;
  const parent = await deps.store.runs.find(run.parentRunId);
  if (parent !== undefined) await wakeWhenReady(deps, parent);
}

/** Rule 2: of several who find the same parent ready, one wakes it. */
async function wakeWhenReady({ bus, store, clock }: FamilyDeps, parent: Run): Promise<void> {
  const { runId, operatorId, interrupt, wake: seen } = parent;
  if (parent.status !== RunStatus.Waiting || interrupt?.kind !== "child") return;
  const wait = toChildWait(interrupt);
  const statuses = new Map(await Promise.all(wait.open.map(async (child) => [child, await store.children.statusOf(child)] as const)));
  if (!mayGoOn(wait, (child) => statuses.get(child))) return;
  const event = { type: "run.resumed", time: toIso(clock.now()), node_id: interrupt.node_id, data: { kind: "child" } };
  const won = await store.runs.wake({ runId, seen, kind: "child", body: null, wakeId: newToken(), event });
  if (won) await bus.queue.publish({ operatorId, runId, kind: "child", wake: seen + 1 });
}

/** Each of them cancels its own in turn. */
async function cancelChildren({ bus, store, clock, publish }: FamilyDeps, parentRunId: RunId): Promise<void> {
  for (;;) {
    const open = await store.children.findOpen({ parentRunId, limit: CANCEL_AT_ONCE });
    await Promise.all(
      open.map(async ({ operatorId, runId }) => {
        const event = { type: "run.cancelled", time: toIso(clock.now()), data: { status: "cancelled" } };
        const result = await store.runs.cancel({ operatorId, runId, event });
        // Events that cannot leave now stay in the child's own record, and bring the sweep there.
        if (result.did === "cancelled") await publish(result.run, result.outbox).catch(() => {});
        if (result.did === "requested") bus.signals.control({ operatorId, verb: "cancel", runId, body: {} });
      }),
    );
    if (open.length < CANCEL_AT_ONCE) return;
  }
}
