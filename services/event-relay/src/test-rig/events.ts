import type { EventLog } from "@openvibe/bus";
import {
  manifestVersion,
  newRunId,
  newToken,
  type OpenVibeEvent,
  type OperatorManifest,
  type Run,
  type RunId,
  toIso,
} from "@openvibe/core";
import type { Store } from "@openvibe/store";

/** An event that belongs to no run. */
export function anEvent(values: Partial<OpenVibeEvent> = {}): OpenVibeEvent {
  return {
    id: newToken(),
    type: "lead.qualified",
    time: toIso(Date.now()),
    operatorId: "sales",
    workflowId: null,
    runId: null,
    nodeId: null,
    sequence: null,
    data: {},
    ...values,
  };
}

export function aRunEvent(runId: RunId, sequence: number, type: string): OpenVibeEvent {
  return anEvent({ id: `${runId}:${sequence}`, type, runId, sequence, workflowId: "greet", data: { n: sequence } });
}

/** Appends so many events, numbered in `data.n`, a few in each turn of the event loop. */
export async function appendMany(
  log: EventLog,
  count: number,
  { types = ["lead.qualified"], operatorId = "sales" }: { readonly types?: readonly string[]; readonly operatorId?: string } = {},
): Promise<readonly OpenVibeEvent[]> {
  const events = Array.from({ length: count }, (_, n) =>
    anEvent({ type: types[n % types.length] ?? "lead.qualified", operatorId, data: { n, pad: "é".repeat(n % 60) } }),
  );
  for (let at = 0; at < count; at += 20) {
    await Promise.all(events.slice(at, at + 20).map((event) => log.append(event)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return events;
}

/** A run in the store, queued, its `run.queued` not yet published. */
export async function insertRun(store: Pick<Store, "runs">, runId: RunId = newRunId(Date.now())): Promise<Run> {
  const { run } = await store.runs.insert({
    runId,
    operatorId: "sales",
    workflowId: "greet",
    trigger: "on_demand",
    definition: "v1",
    input: {},
    ignoredInput: [],
    tags: {},
    event: { type: "run.queued", time: toIso(Date.now()), data: {} },
  });
  return run;
}

/** Operators that can be asked for. */
export async function registerOperators(store: Pick<Store, "manifests">, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const manifest: OperatorManifest = { id, name: id, description: "", answers: {}, workflows: [] };
    await store.manifests.register(manifest, manifestVersion(manifest));
  }
}
