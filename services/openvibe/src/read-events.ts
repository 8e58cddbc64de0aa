import type { EventFilter } from "@openvibe/bus";
import type { OpenedAdapters } from "@openvibe/composition";
import { type JsonObject, OpenVibeError, type OpenVibeEvent, type Run } from "@openvibe/core";

/** Stored events, oldest first, each once, with their data: here nobody has an address to read large data from. */
export async function eventsOf(
  { store, bus }: OpenedAdapters,
  { after = 0, ...filter }: EventFilter & { readonly after?: number },
): Promise<readonly OpenVibeEvent[]> {
  const events = new Map<string, OpenVibeEvent>();
  for await (const { event } of bus.log.read(after, filter, new AbortController().signal))
    if (!events.has(event.id)) events.set(event.id, await withData(store, event));
  return [...events.values()];
}

/** An event with its data, also where that is too large to travel with it. */
export async function withData({ eventData }: OpenedAdapters["store"], { dataref, ...event }: OpenVibeEvent): Promise<OpenVibeEvent> {
  const { operatorId, sequence, runId } = event;
  if (dataref === undefined || operatorId === null || runId === null || sequence === null)
    return dataref === undefined ? event : { ...event, dataref };
  const text = await eventData.find({ operatorId, runId, sequence });
  return text === undefined ? { ...event, dataref } : { ...event, data: JSON.parse(text) as JsonObject };
}

/** Resolves when all that these runs have committed is in the log. @throws OpenVibeError OV_ASK_TIMEOUT when patience ends before */
export async function whenTold(
  { store, bus }: OpenedAdapters,
  runs: readonly Run[],
  patient: { again(): Promise<boolean> },
): Promise<void> {
  for (const { runId } of runs)
    while (!(await isTold({ store, bus }, runId)))
      if (!(await patient.again())) throw new OpenVibeError("OV_ASK_TIMEOUT", `events of run ${runId} are not in the log yet`);
}

async function isTold({ store, bus }: OpenedAdapters, runId: string): Promise<boolean> {
  const found = await store.runs.findOutbox(runId);
  if (found === undefined || found.outbox.events.length === 0) return true;
  const last = await bus.log.lastOf(runId);
  return (last?.event.sequence ?? -1) >= found.outbox.from + found.outbox.events.length - 1;
}
