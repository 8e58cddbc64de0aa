import type { ConsumerInfo } from "@nats-io/jetstream";
import { type Finding, failFinding, type OperatorId, okFinding, warnFinding } from "@openvibe/core";
import { consumerDifferences, operatorConsumer, operatorConsumerName } from "../consumers.ts";
import { toText } from "../difference.ts";

/** An operator's consumer, and whether anybody takes from it. */
export function examineConsumer(operatorId: OperatorId, found: ConsumerInfo | undefined): Finding {
  const name = operatorConsumerName(operatorId);
  const check = `broker.consumer.${name}`;
  if (found === undefined)
    return warnFinding(check, `operator ${operatorId} has no consumer`, {
      why: "its wake-ups wait until a worker of it starts, which makes the consumer",
      todo: `start a worker that serves ${operatorId}, or run openvibe nats apply`,
    });
  const list = consumerDifferences(operatorConsumer(operatorId), found.config);
  if (list.length > 0)
    return failFinding(check, `${name} differs from what is declared: ${toText(list)}`, {
      why: "wake-ups may come twice, late or never",
      todo: "run openvibe nats apply",
    });
  const { num_ack_pending, num_pending, num_waiting, config } = found;
  if (num_ack_pending >= (config.max_ack_pending ?? Number.POSITIVE_INFINITY))
    return warnFinding(check, `${name} has ${num_ack_pending} wake-ups in hands, its most; ${num_pending} wait`, {
      why: "no more are delivered until some are settled",
      todo: "start more workers, and look for runs that hang",
    });
  if (num_pending > 0 && num_waiting === 0 && num_ack_pending === 0)
    return warnFinding(check, `${num_pending} wake-ups of operator ${operatorId} wait, and nobody asks for them`, {
      why: "its runs stay queued",
      todo: `start a worker that serves ${operatorId}`,
    });
  return okFinding(check, `${name} is as declared; ${num_pending} wake-ups wait, ${num_ack_pending} are in hands`);
}
