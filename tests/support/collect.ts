import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createClient } from "@redis/client";
import pg from "pg";
import type { StoredEvent, StoredRun } from "./checker.ts";

interface Ended {
  readonly attempt: number;
  readonly output: string | null;
}

/** Reads the database itself, not our own API. */
async function readRuns(databaseUrl: string): Promise<readonly StoredRun[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<
      Record<"run_id" | "operator_id" | "workflow_id" | "trigger_id" | "status" | "input", string> & Ended
    >("SELECT run_id, operator_id, workflow_id, trigger_id, status, attempt, input, output FROM openvibe.runs");
    return rows.map(({ run_id, operator_id, workflow_id, trigger_id, status, attempt, input, output }) => ({
      runId: run_id,
      workflow: `${operator_id}.${workflow_id}`,
      trigger: trigger_id,
      status,
      attempt,
      input: JSON.parse(input) as StoredRun["input"],
      output: JSON.parse(output ?? "{}") as StoredRun["output"],
    }));
  } finally {
    await client.end();
  }
}

type LoggedEvent = StoredEvent & { readonly position: number };

/** Reads the broker's stream itself, in order. */
export function readEvents(brokerUrl: string): Promise<readonly LoggedEvent[]> {
  return brokerUrl.startsWith("redis:") ? readRedisEvents(brokerUrl) : readNatsEvents(brokerUrl);
}

async function readRedisEvents(url: string): Promise<readonly LoggedEvent[]> {
  const client = await createClient({ url, RESP: 2 }).connect();
  try {
    return ((await client.xRange("openvibe:events", "-", "+")) ?? []).map(({ id, message }) => {
      const { runid, sequence, type } = JSON.parse(message.event ?? "{}") as { runid: string; sequence: number; type: string };
      return { runId: runid, sequence, type, position: Number(id.split("-")[1]) };
    });
  } finally {
    client.destroy();
  }
}

/** Every message of OV_EVENTS. */
async function readNatsEvents(natsUrl: string): Promise<readonly LoggedEvent[]> {
  const nc = await connect({ servers: natsUrl });
  try {
    const jsm = await jetstreamManager(nc);
    const { messages } = (await jsm.streams.info("OV_EVENTS")).state;
    if (messages === 0) return [];
    const { name } = await jsm.consumers.add("OV_EVENTS", {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      inactive_threshold: 60_000_000_000,
    });
    const consumer = await jetstream(nc).consumers.get("OV_EVENTS", name);
    const events: LoggedEvent[] = [];
    while (events.length < messages) {
      for await (const message of await consumer.fetch({ max_messages: Math.min(5_000, messages - events.length), expires: 2_000 })) {
        const header = (key: string) => decodeURIComponent(message.headers?.get(key) ?? "");
        events.push({ runId: header("ce-runid"), sequence: Number(header("ce-sequence")), type: header("ce-type"), position: message.seq });
      }
    }
    return events;
  } finally {
    await nc.close();
  }
}

const UNFINISHED = new Set(["queued", "running", "waiting"]);

/** Waits until every run has ended and its terminal event is in the log, or `withinMs` is over. Gives what was found last. */
export async function quiesce({
  databaseUrl,
  brokerUrl,
  accepted,
  withinMs,
}: {
  databaseUrl: string;
  brokerUrl: string;
  accepted: number;
  withinMs: number;
}): Promise<{ runs: readonly StoredRun[]; events: readonly StoredEvent[] }> {
  const until = Date.now() + withinMs;
  for (;;) {
    const runs = await readRuns(databaseUrl);
    const events = await readEvents(brokerUrl);
    const ends = new Set(
      events.filter(({ type }) => /^run\.(completed|failed|cancelled|timed_out|dead_lettered)$/.test(type)).map(({ runId }) => runId),
    );
    const settled = runs.length >= accepted && runs.every(({ runId, status }) => !UNFINISHED.has(status) && ends.has(runId));
    if (settled || Date.now() > until) return { runs, events };
    await sleep(500);
  }
}
