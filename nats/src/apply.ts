import type { JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Logger, messageOf, OpenVibeError, type OperatorId, silentLogger } from "@openvibe/core";
import { bucketWish, REGISTRY_BUCKET, REGISTRY_TTL_MS } from "./buckets.ts";
import { applyOperatorConsumer, consumerDifferences, operatorConsumer, operatorConsumerName } from "./consumers.ts";
import { changed, differences, toText } from "./difference.ts";
import { findConsumer, findStream, openManager, untilAnswered } from "./manager.ts";
import { type BrokerPlan, type ConsumerPlan, planStream, refusal, type StreamPlan } from "./plan.ts";
import { type StreamOptions, type StreamWish, streamWishes } from "./streams.ts";

export interface ApplyOptions extends StreamOptions {
  /** Whose consumers are made as well; none by default, since a worker makes those of its operators. */
  readonly operators?: readonly OperatorId[];
  /** Takes away where a stream has more than is declared. Without it nothing is ever narrowed. */
  readonly force?: boolean;
  readonly log?: Logger;
}

/** Says what applying would change, and changes nothing. @throws OpenVibeError OV_BUS_CONFIG (server too old), OV_BUS_UNAVAILABLE */
export async function planBroker(nc: NatsConnection, options: ApplyOptions): Promise<BrokerPlan> {
  return plan(await openManager(nc, options.log ?? silentLogger), options);
}

/**
 * Creates the streams and the registry's bucket, or brings them to what is wanted. Running it again changes nothing. An existing stream is never
 * narrowed unless forced: one that keeps more, longer or on more servers stays so. Where one is refused, nothing is changed at all.
 * @throws OpenVibeError OV_BUS_CONFIG (a field that differs and cannot be changed, or that the server did not take; server too old), OV_BUS_UNAVAILABLE
 */
export async function applyBroker(nc: NatsConnection, options: ApplyOptions): Promise<BrokerPlan> {
  const log = options.log ?? silentLogger;
  const jsm = await openManager(nc, log);
  const { streams, consumers } = await plan(jsm, options);
  const refused = [...streams.map(({ stream: name, ...rest }) => ({ name: `stream ${name}`, ...rest })), ...named(consumers)].filter(
    ({ action }) => action === "refuse",
  );
  if (refused.length > 0)
    throw differs(refused.map((each) => `${each.name} is not as OpenVibe needs it: ${refusal(each)}`).join("; "), refused);
  for (const wish of wishesOf(options)) {
    if (streams.find(({ stream }) => stream === wish.name)?.action === "keep") continue;
    const { stream, action } = await applyStream(jsm, wish, options);
    log.info({ stream, action }, "stream applied");
  }
  for (const { operatorId, action, consumer } of consumers) {
    if (action === "keep") continue;
    await untilAnswered(() => applyOperatorConsumer(jsm, operatorId));
    const left = (await planConsumer(jsm, operatorId)).differences;
    if (left.length > 0) throw differs(`consumer ${consumer} is not as OpenVibe needs it: ${toText(left)}`, left);
  }
  return { streams, consumers };
}

/** Makes one stream so; also for a bucket that is first used. @throws OpenVibeError OV_BUS_CONFIG, OV_BUS_UNAVAILABLE */
export async function applyStream(jsm: JetStreamManager, wish: StreamWish, { force = false } = {}): Promise<StreamPlan> {
  const found = (await findStream(jsm, wish.name))?.config;
  const planned = planStream(wish, found, { force });
  if (planned.action === "refuse")
    throw differs(`stream ${wish.name} is not as OpenVibe needs it: ${refusal(planned)}`, planned.differences);
  if (planned.action !== "keep") {
    const config = await change(jsm, wish, found, force);
    // Servers take fields they do not know without a word: only what comes back is believed.
    const left = differences(wish, config);
    if (left.length > 0) throw differs(`stream ${wish.name} is not as OpenVibe needs it: ${toText(left)}`, left);
  }
  return planned;
}

/** The streams that are declared: ours, and the one behind the registry's bucket. */
export function wishesOf(options: StreamOptions): readonly StreamWish[] {
  return [...streamWishes(options), bucketWish(REGISTRY_BUCKET, { replicas: options.replicas, ttlMs: REGISTRY_TTL_MS })];
}

async function plan(jsm: JetStreamManager, options: ApplyOptions): Promise<BrokerPlan> {
  const [streams, consumers] = await Promise.all([
    Promise.all(wishesOf(options).map(async (wish) => planStream(wish, (await findStream(jsm, wish.name))?.config, options))),
    Promise.all((options.operators ?? []).map((operatorId) => planConsumer(jsm, operatorId))),
  ]);
  return { streams, consumers };
}

async function planConsumer(jsm: JetStreamManager, operatorId: OperatorId): Promise<ConsumerPlan> {
  const consumer = operatorConsumerName(operatorId);
  const found = await findConsumer(jsm, consumer);
  if (found === undefined) return { consumer, operatorId, action: "create", differences: [] };
  const list = consumerDifferences(operatorConsumer(operatorId), found.config);
  const action = list.length === 0 ? "keep" : list.every(({ changeable }) => changeable) ? "update" : "refuse";
  return { consumer, operatorId, action, differences: list };
}

function named(consumers: readonly ConsumerPlan[]) {
  return consumers.map(({ consumer, action, differences: list }) => ({ name: `consumer ${consumer}`, action, differences: list }));
}

async function change(jsm: JetStreamManager, wish: StreamWish, found: StreamConfig | undefined, force: boolean): Promise<StreamConfig> {
  try {
    const info = await untilAnswered(() =>
      found === undefined ? jsm.streams.add({ ...wish }) : jsm.streams.update(wish.name, changed(wish, found, { force })),
    );
    return info.config;
  } catch (cause) {
    const detail = found === undefined ? "" : ` (${toText(differences(wish, found))})`;
    const verb = found === undefined ? "created" : "changed";
    throw new OpenVibeError("OV_BUS_CONFIG", `stream ${wish.name} cannot be ${verb}: ${messageOf(cause)}${detail}`, { cause });
  }
}

function differs(message: string, list: unknown): OpenVibeError {
  return new OpenVibeError("OV_BUS_CONFIG", message, { extra: { differences: list } });
}
