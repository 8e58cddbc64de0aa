/**
 * The thread that beats for a process: it has a connection of its own, so that neither a blocked main thread nor a busy pool makes the process
 * silent. It runs where no package condition is set: nothing of ours is imported here but types.
 */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Client } from "pg";

export interface BeatThreadData {
  readonly url: string;
  readonly owner: string;
  /** `$1` is the owner. */
  readonly beatSql: string;
  readonly endSql: string;
  readonly beatEveryMs: number;
  readonly maxBlockedMs: number;
  /** One number that the main thread raises. */
  readonly alive: Int32Array;
}

export type BeatThreadSays = { readonly says: "beaten" } | { readonly says: "failed"; readonly error: string };

const { url, owner, beatSql, endSql, beatEveryMs, maxBlockedMs, alive } = workerData as BeatThreadData;
const ANSWER_MS = 2_000;
const say = (message: BeatThreadSays) => parentPort?.postMessage(message);

let client: Client | undefined;

async function ask(text: string): Promise<void> {
  if (client === undefined) {
    const next = new Client({
      connectionString: url,
      application_name: "openvibe-beat",
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      statement_timeout: ANSWER_MS,
      keepAlive: true,
    });
    next.on("error", () => drop(next));
    client = next;
    await next.connect();
  }
  await client.query(text, [owner]);
}

function drop(broken: Client | undefined): void {
  if (client === broken) client = undefined;
  broken?.end().catch(() => undefined); // it is broken already
}

let ending = false;
let beating: Promise<void> | undefined;

async function beat(): Promise<void> {
  try {
    await ask(beatSql);
    if (!ending) say({ says: "beaten" });
  } catch (error) {
    drop(client);
    say({ says: "failed", error: error instanceof Error ? error.message : String(error) });
  }
  beating = undefined;
}

let seen = -1;
let blockedMs = 0;
let lookedAt = performance.now();

/** Counts only time in which this thread ran: a process that was stopped as a whole has not blocked. */
function watchMainThread(): void {
  const now = performance.now();
  const sinceMs = Math.min(now - lookedAt, 2 * beatEveryMs);
  lookedAt = now;
  const count = Atomics.load(alive, 0);
  blockedMs = count === seen ? blockedMs + sinceMs : 0;
  seen = count;
  if (blockedMs < maxBlockedMs) return;
  // The main thread writes what a worker's streams are given, so this goes to the file descriptor.
  writeSync(2, `openvibe: ${owner}: the main thread stood still for ${Math.round(blockedMs)} ms, ending the process\n`);
  process.kill(process.pid, "SIGKILL");
}

function beatUnlessBeating(): void {
  beating ??= beat();
}

const beats = setInterval(beatUnlessBeating, beatEveryMs);
const watch = setInterval(watchMainThread, Math.min(beatEveryMs, maxBlockedMs / 4));
beatUnlessBeating();

parentPort?.once("message", async () => {
  ending = true;
  clearInterval(beats);
  clearInterval(watch);
  await beating;
  await ask(endSql).catch(() => undefined); // without it the row falls silent by itself
  drop(client);
  parentPort?.close();
});
