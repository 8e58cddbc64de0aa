import type { EventLog, Signals } from "@openvibe/bus";
import { isTerminalEventType, type Outbox, type Run, toEvent } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";

/**
 * Publishes what is unsent of a run that nobody owns (DESIGN §6 rule 5): whoever made the commit calls it, else the worker that meets a
 * delivery, else the sweep. Looks first at what is already in the log; the terminal event goes when all before it are confirmed.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE: what was not published stays in the record
 */
export async function publishOutbox(
  deps: { readonly log: EventLog; readonly signals: Signals; readonly runs: RunStore },
  run: Run,
  outbox: Outbox,
): Promise<void> {
  if (outbox.events.length === 0) return;
  const lastSequence = outbox.from + outbox.events.length - 1;
  const last = await deps.log.lastOf(run.runId);
  const next = Math.max(outbox.from, (last?.event.sequence ?? -1) + 1);
  const events = outbox.events.map((pending, index) => toEvent(run, outbox.from + index, pending)).slice(next - outbox.from);
  const terminal = events.filter((event) => isTerminalEventType(event.type));
  await Promise.all(events.filter((event) => !isTerminalEventType(event.type)).map((event) => deps.log.append(event)));
  for (const event of terminal) await deps.log.append(event);
  await deps.runs.markSent({ runId: run.runId, sequence: lastSequence });
  deps.signals.control({ operatorId: run.operatorId, verb: "wake", runId: run.runId, body: {} });
}
