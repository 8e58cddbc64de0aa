import type { Bus } from "@openvibe/bus";
import { type Clock, isTerminalEventType, type Outbox, type Run, toEvent } from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { tellFamily } from "./family.ts";
import { type RuntimeObserver, toRunEnd } from "./observer.ts";

export interface PublishDeps {
  readonly bus: Pick<Bus, "log" | "queue" | "signals">;
  readonly store: Pick<Store, "runs" | "children">;
  readonly clock: Clock;
  /** Is told of children that are cancelled with their parent. */
  readonly observer?: Pick<RuntimeObserver, "runEnded"> | undefined;
}

/**
 * Publishes what is unsent of a run that nobody owns (DESIGN §6 rule 5): whoever made the commit calls it, else the worker that meets a
 * delivery, else the sweep. Looks first at what is already in the log; the terminal event goes when all before it are confirmed. The run's
 * parent and children are told as well.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE: what was not published stays in the record
 */
export async function publishOutbox(deps: PublishDeps, run: Run, outbox: Outbox): Promise<void> {
  if (outbox.events.length === 0) return;
  const { bus, store } = deps;
  // First: events that the log refuses must not keep a parent waiting.
  await tellFamilyOf(deps, run);
  const lastSequence = outbox.from + outbox.events.length - 1;
  const last = await bus.log.lastOf(run.runId);
  const next = Math.max(outbox.from, (last?.event.sequence ?? -1) + 1);
  const events = outbox.events.map((pending, index) => toEvent(run, outbox.from + index, pending)).slice(next - outbox.from);
  const terminal = events.filter((event) => isTerminalEventType(event.type));
  await Promise.all(events.filter((event) => !isTerminalEventType(event.type)).map((event) => bus.log.append(event)));
  for (const event of terminal) await bus.log.append(event);
  await store.runs.markSent({ runId: run.runId, sequence: lastSequence });
  bus.signals.control({ operatorId: run.operatorId, verb: "wake", runId: run.runId, body: {} });
}

/** `tellFamily`, with children that it cancels published as here. */
export async function tellFamilyOf(deps: PublishDeps, run: Run): Promise<void> {
  const publish = async (child: Run, outbox: Outbox) => {
    const end = toRunEnd(child);
    if (end !== undefined) deps.observer?.runEnded(end);
    await publishOutbox(deps, child, outbox);
  };
  await tellFamily({ ...deps, publish }, run);
}
