/** Two thousand streams that hear nothing, two hundred that hear everything, one that stops reading: on one relay, whose memory is watched. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readProbes, type Series } from "./samples.ts";
import { StreamClient } from "./stream-client.ts";
import { type StreamWorld, startStreamWorld } from "./stream-world.ts";

export interface StreamSoakOptions {
  readonly idle: number;
  readonly busy: number;
  /** Events that every busy client hears. */
  readonly perSecond: number;
  /** Events before the clients come: they fill the relay's ring, and are more than sockets hold for the one that stops reading. */
  readonly fill: number;
  readonly fillBytes: number;
  readonly settleMs: number;
  /** Before one client stops reading, and again while it does. */
  readonly measureMs: number;
  readonly probeEveryMs: number;
  /** Whether to wait until the relay drops the client that reads nothing: after 15 s. */
  readonly seeDropped: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface StreamSoakResult {
  readonly clients: number;
  /** Streams that ended though nobody had ended them. */
  readonly lost: number;
  readonly published: number;
  /** Events that a busy client did not hear, or not in their place. */
  readonly wrong: number;
  /** Milliseconds from publishing to hearing, before one client stops reading and while it does. */
  readonly calm: readonly number[];
  readonly stalled: readonly number[];
  /** Clients that the relay dropped: the one that stopped reading. `undefined` where that was not waited for. */
  readonly drops: number | undefined;
  readonly memory: Series;
}

const TICK = "soak.tick";
const PAD = "x".repeat(1_000);
const CONNECT_AT_ONCE = 50;
const PUBLISH_AT_ONCE = 200;
const HEARD_WITHIN_MS = 10_000;
/** Longer than a client may take nothing (15 s). */
const DROPPED_WITHIN_MS = 30_000;

export async function soakStreams(options: StreamSoakOptions): Promise<StreamSoakResult> {
  const { idle, busy, perSecond, settleMs, measureMs, probeEveryMs, seeDropped, signal, say } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "openvibe-soak-streams-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const world = stack.use(await startStreamWorld({ folder, probeEveryMs }));
  const beginning = await findCursor(world);
  await publishMany(world, options);

  const ears = Array.from({ length: busy }, () => new Ear());
  const idleOnes = Array.from({ length: idle }, () => () => new StreamClient(`${world.stream}?types=nothing.such`, { hear: () => {} }));
  const busyOnes = ears.map((ear) => () => new StreamClient(`${world.stream}?types=${TICK}`, { hear: ({ data }) => ear.hear(data) }));
  const clients = await connectAll([...idleOnes, ...busyOnes], stack);
  say(`${idle} idle and ${busy} busy clients are connected to one relay`);

  const publisher = startPublisher(world, perSecond);
  stack.defer(() => void publisher.stop());
  const listenFor = async (ms: number) => {
    const latencies: number[] = [];
    for (const ear of ears) ear.latencies = latencies;
    await sleep(ms, undefined, { signal });
    for (const ear of ears) ear.latencies = undefined;
    return latencies;
  };
  await sleep(settleMs, undefined, { signal });
  const measuredFrom = Date.now();
  const calm = await listenFor(measureMs);
  const deaf = stack.use(new StreamClient(world.stream, { lastEventId: beginning }));
  await deaf.connected;
  say("one client more asks for all that was, and reads nothing of it");
  const stalled = await listenFor(measureMs);
  const measuredUntil = Date.now();
  if (seeDropped) await until(async () => (await world.countDrops()) > 0, DROPPED_WITHIN_MS, signal);
  const published = await publisher.stop();
  await until(() => ears.every(({ heard }) => heard >= published), HEARD_WITHIN_MS, signal);

  world.check();
  const [memory] = readProbes(folder, [{ name: "event-relay", pid: world.relayPid }], measuredFrom);
  return {
    clients: clients.length,
    lost: clients.filter(({ isOpen }) => !isOpen).length,
    published,
    wrong: ears.reduce((sum, { heard, outOfPlace }) => sum + outOfPlace + Math.abs(published - heard), 0),
    calm,
    stalled,
    drops: seeDropped ? await world.countDrops() : undefined,
    memory: { name: "event-relay", points: (memory?.points ?? []).filter(({ at }) => at <= measuredUntil) },
  };
}

/** What one busy client has heard. */
class Ear {
  heard = 0;
  outOfPlace = 0;
  latencies: number[] | undefined;

  hear(text: string): void {
    const { n, sent_at } = (JSON.parse(text) as { data: { n: number; sent_at: number } }).data;
    if (n !== this.heard) this.outOfPlace++;
    this.heard++;
    this.latencies?.push(preciseNow() - sent_at);
  }
}

async function findCursor({ stream }: StreamWorld): Promise<string> {
  using client = new StreamClient(stream, { hear: () => {} });
  await client.connected;
  return client.cursor;
}

async function publishMany(world: StreamWorld, { fill: count, fillBytes }: StreamSoakOptions): Promise<void> {
  const pad = "x".repeat(fillBytes);
  for (let at = 0; at < count; at += PUBLISH_AT_ONCE) {
    const some = Math.min(PUBLISH_AT_ONCE, count - at);
    await Promise.all(Array.from({ length: some }, () => world.publish("soak.fill", { pad })));
  }
}

async function connectAll(makes: readonly (() => StreamClient)[], stack: AsyncDisposableStack): Promise<readonly StreamClient[]> {
  const clients: StreamClient[] = [];
  for (let at = 0; at < makes.length; at += CONNECT_AT_ONCE) {
    const some = makes.slice(at, at + CONNECT_AT_ONCE).map((make) => stack.use(make()));
    await Promise.all(some.map(({ connected }) => connected));
    clients.push(...some);
  }
  return clients;
}

/** `stop` gives how many there were, all of them stored. */
function startPublisher(world: StreamWorld, perSecond: number): { stop(): Promise<number> } {
  const storing: Promise<unknown>[] = [];
  let n = 0;
  const timer = setInterval(() => void storing.push(world.publish(TICK, { n: n++, sent_at: preciseNow(), pad: PAD })), 1_000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(storing);
      return n;
    },
  };
}

function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Until it is so, or the time is over: what follows says which. */
async function until(isSo: () => boolean | Promise<boolean>, withinMs: number, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end && !(await isSo()); ) await sleep(100, undefined, { signal });
}
