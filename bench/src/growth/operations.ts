import { NO_METRICS, newRunId, type PendingEvent, toIso } from "@openvibe/core";
import type { Store } from "@openvibe/store";

export const OWNER = "bench-worker";
const KEEP_MS = 30 * 86_400_000;
const STATE = { text: "x".repeat(1_000) };

const event = (type: string): PendingEvent => ({ type, time: toIso(Date.now()), data: {} });

export async function insert(store: Store): Promise<string> {
  const common = { operatorId: "operator_1", workflowId: "work", trigger: "work", definition: "0123456789abcdef" };
  const runId = newRunId(Date.now());
  await store.runs.insert({ runId, ...common, input: STATE, ignoredInput: [], tags: {}, event: event("run.queued") });
  return runId;
}

export const claim = (store: Store, runId: string) => store.runs.claim({ runId, wake: 0, owner: OWNER, started: event("run.started") });

const write = (store: Store, runId: string, step: number, end: boolean) =>
  store.runs.write({
    ...{ runId, attempt: 1, step, state: STATE, position: end ? null : "next", metrics: NO_METRICS },
    outbox: { from: 0, events: [event(end ? "run.completed" : "node.completed")] },
    ...(end ? { status: "completed" as const, output: STATE } : { status: "running" as const }),
  });

/** What is in flight does not grow: every run that was begun here ends here. */
async function end(store: Store, runId: string): Promise<void> {
  await write(store, runId, 9, true);
  await store.runs.markSent({ runId, sequence: 0 });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** What a server asks its store for; each gives the milliseconds of what is measured of it. */
export const OPERATIONS: Readonly<Record<string, (store: Store) => Promise<number>>> = {
  async "insert a run"(store) {
    let runId = "";
    const ms = await timed(async () => {
      runId = await insert(store);
    });
    await claim(store, runId);
    await end(store, runId);
    return ms;
  },
  async "claim it"(store) {
    const runId = await insert(store);
    const ms = await timed(() => claim(store, runId));
    await end(store, runId);
    return ms;
  },
  async "commit a step"(store) {
    const runId = await insert(store);
    await claim(store, runId);
    const ms = await timed(() => write(store, runId, 1, false));
    await end(store, runId);
    return ms;
  },
  async "end it, its events sent"(store) {
    const runId = await insert(store);
    await claim(store, runId);
    return await timed(() => end(store, runId));
  },
  "read a run": (store) => timed(() => store.runs.find("run_seed_10000007")),
  "list the newest 50": (store) => timed(() => store.runs.list({}, { limit: 50 })),
  "list an operator's newest 50": (store) => timed(() => store.runs.list({ operatorId: "operator_2" }, { limit: 50 })),
  sweep: (store) =>
    timed(async () => {
      await store.sweep.cancelOrphans({ sweeper: OWNER, limit: 500, event: () => event("run.cancelled") });
      await store.sweep.findUnsent({ olderThanMs: 5_000, limit: 500 });
      await store.sweep.findStuck({ sweeper: OWNER, limit: 500 });
    }),
  "count queued runs": (store) => timed(() => store.runs.countQueued()),
  "purge, nothing being due": (store) => timed(() => store.sweep.purge({ keepMs: KEEP_MS, limit: 200 })),
};
