import type { LookupFunction } from "node:net";
import { type Clock, messageOf } from "@openvibe/core";
import { guardedPost, type PostResult, signWebhook, type TargetGuard } from "@openvibe/http";
import type { Attempt, Delivery, Subscription } from "@openvibe/store";
import { type Judgement, judgeAttempt } from "./judge-attempt.ts";

export interface AttemptDeps {
  readonly guard: TargetGuard;
  readonly clock: Clock;
  /** In place of the system's resolver. */
  readonly lookup?: LookupFunction;
  /** For one attempt; 15 s by default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export const ATTEMPT_TIMEOUT_MS = 15_000;

/** Sends a delivery once: signed, to an address that is checked anew. Never throws. */
export async function attemptDelivery(
  delivery: Delivery,
  subscription: Subscription,
  deps: AttemptDeps,
): Promise<{ readonly attempt: Attempt; readonly judgement: Judgement }> {
  const { clock } = deps;
  const startedAt = clock.now();
  const began = performance.now();
  const result = await send(delivery, subscription, Math.floor(startedAt / 1_000), deps);
  const judgement = judgeAttempt(result, delivery.tries, { now: clock.now(), random: Math.random() });
  return {
    judgement,
    attempt: {
      attemptId: `${delivery.deliveryId}-${delivery.attempts}`,
      deliveryId: delivery.deliveryId,
      subscriptionId: delivery.subscriptionId,
      attempt: delivery.attempts,
      startedAt,
      durationMs: Math.round(performance.now() - began),
      statusCode: result.status ?? null,
      error: judgement.error,
      detail: judgement.detail,
      response: result.failure === undefined ? result.body : null,
    },
  };
}

async function send({ eventId, body }: Delivery, subscription: Subscription, seconds: number, deps: AttemptDeps): Promise<PostResult> {
  const { url, secret, previousSecret } = subscription;
  const { guard, lookup, signal, timeoutMs = ATTEMPT_TIMEOUT_MS } = deps;
  let target: URL;
  try {
    target = guard.parse(url); // what is allowed may have changed since it was subscribed
  } catch (error) {
    return { failure: "blocked_address", detail: messageOf(error) };
  }
  const timestamp = String(seconds);
  const secrets = previousSecret === null ? [secret] : [secret, previousSecret];
  return await guardedPost({
    url: target,
    body,
    headers: {
      "content-type": "application/cloudevents+json; charset=utf-8",
      "user-agent": "OpenVibe-Webhooks",
      "webhook-id": eventId,
      "webhook-timestamp": timestamp,
      "webhook-signature": signWebhook({ id: eventId, timestamp, body }, secrets),
    },
    guard,
    timeoutMs,
    ...(lookup === undefined ? {} : { lookup }),
    ...(signal === undefined ? {} : { signal }),
  });
}
