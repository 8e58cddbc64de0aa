import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { type Finding, failFinding, messageOf, type OperatorId, okFinding, skewFinding, warnFinding } from "@openvibe/core";
import { wishesOf } from "../apply.ts";
import { operatorConsumerName } from "../consumers.ts";
import { ANSWER_MS, findConsumer, findStream, untilAnswered } from "../manager.ts";
import type { StreamOptions, StreamWish } from "../streams.ts";
import { examineAccount } from "./account.ts";
import { examineConsumer } from "./consumers.ts";
import { examinePayload } from "./server.ts";
import { examineStream } from "./streams.ts";
import { askUser } from "./user.ts";

/** A doctor waits less long for an election than a server that starts. */
const PATIENCE_MS = 6_000;

export interface ExamineOptions extends StreamOptions {
  /** Whose consumers are looked at. */
  readonly operators?: readonly OperatorId[];
}

/** Looks at everything that one connection shows, and changes nothing. Does not throw: what cannot be read is a finding. */
export async function examineBroker(nc: NatsConnection, options: ExamineOptions): Promise<readonly Finding[]> {
  const operators = options.operators ?? [];
  const wishes = wishesOf(options);
  const jsm = await jetstreamManager(nc, { timeout: ANSWER_MS, checkAPI: false });
  const server = [examinePayload(nc.info?.max_payload ?? 0), await examineClock(nc)];
  try {
    const account = await untilAnswered(() => jsm.getAccountInfo(), PATIENCE_MS);
    const found = await Promise.all([
      ...wishes.map((wish) =>
        examineOne(`broker.stream.${wish.name}`, async () => examineStream(wish, await findStream(jsm, wish.name, PATIENCE_MS))),
      ),
      ...operators.map((id) => examineOperator(jsm, id)),
    ]);
    return [...server, ...examineAccount(account, wishes, operators.length), ...(await examineReplicas(nc, jsm, wishes)), ...found.flat()];
  } catch (error) {
    return [
      ...server,
      failFinding("broker.jetstream", `JetStream does not answer: ${messageOf(error)}`, {
        why: "queue, event log and buckets are JetStream streams",
        todo: "enable it: a jetstream block on the server, and for this account; in a cluster most of the servers must run",
      }),
    ];
  }
}

function examineOperator(jsm: JetStreamManager, id: OperatorId): Promise<readonly Finding[]> {
  const name = operatorConsumerName(id);
  return examineOne(`broker.consumer.${name}`, async () => [examineConsumer(id, await findConsumer(jsm, name, PATIENCE_MS))]);
}

async function examineOne(check: string, examine: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await examine();
  } catch (error) {
    const why = "it cannot be said whether it is as declared";
    return [failFinding(check, messageOf(error), { why, todo: "start the servers that are missing, or allow this user to read it" })];
  }
}

async function examineClock(nc: NatsConnection): Promise<Finding> {
  const asked = await askUser(nc).catch((error: unknown) => error as Error);
  if (!(asked instanceof Error)) return skewFinding("broker.clock", "the broker", asked.clock);
  const what = `the broker's clock cannot be read: ${asked instanceof errors.TimeoutError ? "no answer" : asked.message}`;
  return warnFinding("broker.clock", what, {
    why: "it may differ from this machine's",
    todo: "allow this user to publish to $SYS.REQ.USER.INFO",
  });
}

/** One copy where three servers could each keep one. */
async function examineReplicas(nc: NatsConnection, jsm: JetStreamManager, wishes: readonly StreamWish[]): Promise<readonly Finding[]> {
  const { cluster, connect_urls = [] } = nc.info ?? {};
  const [first] = wishes;
  if (cluster === undefined || first === undefined) return [];
  const kept = (await findStream(jsm, first.name, PATIENCE_MS).catch(() => undefined))?.config.num_replicas ?? first.num_replicas;
  const what = `cluster ${cluster} of ${Math.max(1, connect_urls.length)} servers keeps ${kept} ${kept === 1 ? "copy" : "copies"} of each stream`;
  if (kept > 1) return [okFinding("broker.replicas", what)];
  const todo = "set OPENVIBE_NATS_REPLICAS=3 and run openvibe nats apply";
  return [warnFinding("broker.replicas", what, { why: "while the one server that has it is away, nothing can be published", todo })];
}
