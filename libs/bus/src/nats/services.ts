import type { Msg } from "@nats-io/transport-node";
import { type JsonObject, messageOf, subjects } from "@openvibe/core";
import { operatorConsumerName } from "@openvibe/nats";
import type { ServedHere } from "../requests.ts";
import type { Link } from "./link.ts";

const VERBS = ["PING", "INFO", "STATS"] as const;
type Verb = (typeof VERBS)[number];

/** What one process has answered on a subject. */
export class AnswerCount {
  #requests = 0;
  #errors = 0;
  #lastError = "";
  #processingMs = 0;

  add(ms: number, failure: unknown): void {
    this.#requests++;
    this.#processingMs += ms;
    if (failure === undefined) return;
    this.#errors++;
    this.#lastError = messageOf(failure).slice(0, 200);
  }

  /** In the words of the protocol, times in nanoseconds. */
  toStats(): JsonObject {
    const nanoseconds = Math.round(this.#processingMs * 1_000_000);
    return {
      num_requests: this.#requests,
      num_errors: this.#errors,
      last_error: this.#lastError,
      processing_time: nanoseconds,
      average_processing_time: this.#requests === 0 ? 0 : Math.round(nanoseconds / this.#requests),
    };
  }
}

/**
 * Answers `$SRV.PING|INFO|STATS` for an operator, so that `nats micro ls` and clients of any language see it (ADR-32 of NATS). Its capabilities are the
 * service's endpoints.
 */
export async function announceService(link: Link, served: ServedHere, countOf: (subject: string) => AnswerCount): Promise<AsyncDisposable> {
  link.assertOpen();
  const { operatorId } = served;
  const id = served.instance.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  const started = new Date().toISOString();
  const endpoints = served.capabilities.map((capability) => {
    const subject = subjects.request(operatorId, capability);
    return { name: capability, subject, queue_group: operatorConsumerName(operatorId) };
  });
  // A service's version is a semantic one, an operator's a hash: that stands behind a +, and by itself among the metadata.
  const base = { name: operatorId, id, version: `0.0.0+${served.version}`, metadata: { operator_version: served.version } };
  const bodies: Record<Verb, () => JsonObject> = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...base }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...base,
      description: served.description,
      endpoints: endpoints.map((endpoint) => ({ ...endpoint, metadata: {} })),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...base,
      started,
      endpoints: endpoints.map((endpoint) => ({ ...endpoint, ...countOf(endpoint.subject).toStats() })),
    }),
  };
  const subscribed = VERBS.flatMap((verb) =>
    [`$SRV.${verb}`, `$SRV.${verb}.${operatorId}`, `$SRV.${verb}.${operatorId}.${id}`].map((subject) =>
      link.nc.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) respond(message, bodies[verb]());
        },
      }),
    ),
  );
  await Promise.all(subscribed.map((subscription) => link.settle(subscription)));
  return {
    [Symbol.asyncDispose]: async () => {
      for (const subscription of subscribed) subscription.unsubscribe();
    },
  };
}

function respond(message: Msg, body: JsonObject): void {
  try {
    message.respond(JSON.stringify(body));
  } catch {
    // The connection is closed: nobody hears it any more.
  }
}
