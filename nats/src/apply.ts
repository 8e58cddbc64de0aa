import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { type Logger, messageOf, OpenVibeError, silentLogger } from "@openvibe/core";
import { bucketWish, REGISTRY_BUCKET, REGISTRY_TTL_MS } from "./buckets.ts";
import { differences, type FieldDifference, toText, widened } from "./difference.ts";
import { checkServerVersion } from "./server-version.ts";
import { type StreamOptions, type StreamWish, streamWishes } from "./streams.ts";

export interface ApplyOptions extends StreamOptions {
  readonly log?: Logger;
}

/** What `applyBroker` does, or would do, with one stream. */
export interface StreamPlan {
  readonly stream: string;
  readonly action: "create" | "update" | "keep" | "refuse";
  readonly differences: readonly FieldDifference[];
}

/** Says what applying would change, and changes nothing. @throws OpenVibeError OV_BUS_CONFIG (server too old), OV_BUS_UNAVAILABLE */
export async function planBroker(nc: NatsConnection, options: ApplyOptions): Promise<readonly StreamPlan[]> {
  const jsm = await openManager(nc, options.log ?? silentLogger);
  return Promise.all(wishesOf(options).map(async (wish) => planStream(wish, await findConfig(jsm, wish.name))));
}

/**
 * Creates the streams and the registry's bucket, or brings them to what is wanted. Running it again changes nothing. An existing stream is never
 * narrowed: one that keeps more, longer or on more servers stays so.
 * @throws OpenVibeError OV_BUS_CONFIG (a field that differs and cannot be changed, or that the server did not take; server too old), OV_BUS_UNAVAILABLE
 */
export async function applyBroker(nc: NatsConnection, options: ApplyOptions): Promise<readonly StreamPlan[]> {
  const log = options.log ?? silentLogger;
  const jsm = await openManager(nc, log);
  const plans: StreamPlan[] = [];
  for (const wish of wishesOf(options)) {
    const plan = await applyStream(jsm, wish);
    if (plan.action !== "keep") log.info({ stream: plan.stream, action: plan.action }, "stream applied");
    plans.push(plan);
  }
  return plans;
}

/** Makes one stream so; also for a bucket that is first used. @throws OpenVibeError OV_BUS_CONFIG, OV_BUS_UNAVAILABLE */
export async function applyStream(jsm: JetStreamManager, wish: StreamWish): Promise<StreamPlan> {
  const found = await findConfig(jsm, wish.name);
  const plan = planStream(wish, found);
  if (plan.action === "refuse") throw differs(wish.name, plan.differences);
  if (plan.action !== "keep") {
    const config = await change(jsm, wish, found);
    // Servers take fields they do not know without a word: only what comes back is believed.
    const left = differences(wish, config);
    if (left.length > 0) throw differs(wish.name, left);
  }
  return plan;
}

function wishesOf(options: ApplyOptions): readonly StreamWish[] {
  return [...streamWishes(options), bucketWish(REGISTRY_BUCKET, { replicas: options.replicas, ttlMs: REGISTRY_TTL_MS })];
}

async function openManager(nc: NatsConnection, log: Logger): Promise<JetStreamManager> {
  checkServerVersion(nc.info?.version ?? "0.0.0", log);
  try {
    return await untilAnswered(() => jetstreamManager(nc, { timeout: ANSWER_MS }));
  } catch (cause) {
    throw new OpenVibeError("OV_BUS_UNAVAILABLE", `JetStream does not answer: ${messageOf(cause)}`, { cause });
  }
}

async function findConfig(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await untilAnswered(() => jsm.streams.info(name))).config;
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw new OpenVibeError("OV_BUS_UNAVAILABLE", `stream ${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function planStream(wish: StreamWish, found: StreamConfig | undefined): StreamPlan {
  if (found === undefined) return { stream: wish.name, action: "create", differences: [] };
  const list = differences(wish, found);
  const action = list.length === 0 ? "keep" : list.every(({ changeable }) => changeable) ? "update" : "refuse";
  return { stream: wish.name, action, differences: list };
}

async function change(jsm: JetStreamManager, wish: StreamWish, found: StreamConfig | undefined): Promise<StreamConfig> {
  try {
    const info = await untilAnswered(() =>
      found === undefined ? jsm.streams.add({ ...wish }) : jsm.streams.update(wish.name, widened(wish, found)),
    );
    return info.config;
  } catch (cause) {
    const detail = found === undefined ? "" : ` (${toText(differences(wish, found))})`;
    const verb = found === undefined ? "created" : "changed";
    throw new OpenVibeError("OV_BUS_CONFIG", `stream ${wish.name} cannot be ${verb}: ${messageOf(cause)}${detail}`, { cause });
  }
}

/** How long a broker that answers does so at the latest. */
const ANSWER_MS = 2_000;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 200;
const TEMPORARILY_UNAVAILABLE = 10008;

/**
 * Asks again as long as a cluster chooses a leader, its own or that of a stream which somebody else is making: it says nothing then, or that it will be
 * back. Only for what may be asked twice.
 */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      const passing =
        error instanceof errors.TimeoutError || (error instanceof JetStreamApiError && error.code === TEMPORARILY_UNAVAILABLE);
      if (!passing || Date.now() > until) throw error;
    }
  }
}

function differs(name: string, list: readonly FieldDifference[]): OpenVibeError {
  return new OpenVibeError("OV_BUS_CONFIG", `stream ${name} is not as OpenVibe needs it: ${toText(list)}`, {
    extra: { stream: name, differences: list },
  });
}
