import { setTimeout as sleep } from "node:timers/promises";
import {
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { type Logger, messageOf, OpenVibeError } from "@openvibe/core";
import { checkServerVersion } from "./server-version.ts";
import { OV_ACTIVATIONS } from "./streams.ts";

/** How long a broker that answers does so at the latest. */
export const ANSWER_MS = 2_000;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 200;
const TEMPORARILY_UNAVAILABLE = 10008;
/** A cluster that has only just started does not know all its servers for a moment; one that is too small stays so. */
const NO_PEERS = 10005;
const PEERS_MS = 5_000;

/** @throws OpenVibeError OV_BUS_CONFIG (server too old), OV_BUS_UNAVAILABLE */
export async function openManager(nc: NatsConnection, log: Logger): Promise<JetStreamManager> {
  checkServerVersion(nc.info?.version ?? "0.0.0", log);
  try {
    return await untilAnswered(() => jetstreamManager(nc, { timeout: ANSWER_MS }));
  } catch (cause) {
    throw new OpenVibeError("OV_BUS_UNAVAILABLE", `JetStream does not answer: ${messageOf(cause)}`, { cause });
  }
}

/** @throws OpenVibeError OV_BUS_UNAVAILABLE */
export function findStream(jsm: JetStreamManager, name: string, patienceMs?: number): Promise<StreamInfo | undefined> {
  return unlessMissing(`stream ${name}`, () => jsm.streams.info(name), patienceMs);
}

/** One of OV_ACTIVATIONS. @throws OpenVibeError OV_BUS_UNAVAILABLE */
export function findConsumer(jsm: JetStreamManager, name: string, patienceMs?: number): Promise<ConsumerInfo | undefined> {
  return unlessMissing(`consumer ${name}`, () => jsm.consumers.info(OV_ACTIVATIONS, name), patienceMs);
}

async function unlessMissing<T>(what: string, read: () => Promise<T>, patienceMs?: number): Promise<T | undefined> {
  try {
    return await untilAnswered(read, patienceMs);
  } catch (cause) {
    const missing: readonly number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
    if (cause instanceof JetStreamApiError && missing.includes(cause.code)) return undefined;
    throw new OpenVibeError("OV_BUS_UNAVAILABLE", `${what} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Asks again as long as a cluster chooses a leader, its own or that of a stream which somebody else is making: it says nothing then, or that it will be
 * back. Only for what may be asked twice.
 */
export async function untilAnswered<T>(ask: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  for (const since = Date.now(); ; await sleep(PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() - since > Math.min(patienceMs, passesWithin(error))) throw error;
    }
  }
}

/** Milliseconds; below 0 for what does not pass. */
function passesWithin(error: unknown): number {
  if (error instanceof errors.TimeoutError) return Number.POSITIVE_INFINITY;
  if (!(error instanceof JetStreamApiError)) return -1;
  return error.code === TEMPORARILY_UNAVAILABLE ? Number.POSITIVE_INFINITY : error.code === NO_PEERS ? PEERS_MS : -1;
}
