import { AckPolicy, type ConsumerConfig, DeliverPolicy, JetStreamApiError, type JetStreamManager, ReplayPolicy } from "@nats-io/jetstream";
import { type OperatorId, subjects } from "@openvibe/core";
import { type FieldDifference, sameValue } from "./difference.ts";
import { OV_ACTIVATIONS } from "./streams.ts";

/** A wake-up that its worker neither settles nor extends is delivered again after this. */
export const ACK_WAIT_MS = 5_000;

/** The durable consumer's name of an operator, and the queue group of what it answers. */
export function operatorConsumerName(operatorId: OperatorId): string {
  return `op_${operatorId}`;
}

/** One durable pull consumer per operator, shared by all its workers; never one per run or per client. */
export function operatorConsumer(operatorId: OperatorId, { ackWaitMs = ACK_WAIT_MS } = {}): Partial<ConsumerConfig> {
  return {
    durable_name: operatorConsumerName(operatorId),
    description: `OpenVibe: wake-ups of operator ${operatorId}`,
    filter_subject: subjects.activations(operatorId),
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * 1_000_000,
    // Never given up by the broker: the store counts claims, and decides.
    max_deliver: -1,
    // Bounds what is unacked, also what is put back or waits for an answer; concurrency is the workers' slots.
    max_ack_pending: 1_000,
  };
}

const FIXED = new Set<string>(["durable_name", "deliver_policy", "ack_policy", "replay_policy"]);

/** What is not as declared in a consumer that the server echoes; its description is free. */
export function consumerDifferences(wanted: Partial<ConsumerConfig>, found: Partial<ConsumerConfig>): readonly FieldDifference[] {
  return Object.entries(wanted)
    .filter(([field, value]) => field !== "description" && !sameValue(value, found[field as keyof ConsumerConfig]))
    .map(([field, value]) => ({
      field,
      found: found[field as keyof ConsumerConfig],
      wanted: value,
      changeable: !FIXED.has(field),
      narrows: false,
    }));
}

const CONSUMER_ALREADY_EXISTS = 10148;

/** Creates an operator's consumer, or brings an existing one to today's configuration. Idempotent. @throws the client's errors */
export async function applyOperatorConsumer(
  jsm: JetStreamManager,
  operatorId: OperatorId,
  options: { ackWaitMs?: number } = {},
): Promise<void> {
  const config = operatorConsumer(operatorId, options);
  try {
    await jsm.consumers.add(OV_ACTIVATIONS, config);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === CONSUMER_ALREADY_EXISTS)) throw error;
    const { description, filter_subject, ack_wait, max_deliver, max_ack_pending } = config as ConsumerConfig;
    await jsm.consumers.update(OV_ACTIVATIONS, operatorConsumerName(operatorId), {
      ...(description === undefined ? {} : { description }),
      ...(filter_subject === undefined ? {} : { filter_subject }),
      ...(ack_wait === undefined ? {} : { ack_wait }),
      ...(max_deliver === undefined ? {} : { max_deliver }),
      ...(max_ack_pending === undefined ? {} : { max_ack_pending }),
    });
  }
}
