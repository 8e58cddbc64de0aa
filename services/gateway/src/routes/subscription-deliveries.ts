import { newToken, OpenVibeError, type OpenVibeEvent, toIso } from "@openvibe/core";
import { bodyRequired, choiceParameter, parseQuery, textParameter } from "@openvibe/http";
import { type Attempt, DELIVERY_STATUSES, type Delivery, toDelivery } from "@openvibe/store";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { refuseBody } from "../body-fields.ts";
import { CURSOR, parseTimeCursor, toTimeCursor } from "../cursor.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { LIMIT } from "../list-parameters.ts";
import { toPage } from "../page.ts";
import { pageOf } from "../schemas/json.ts";
import { AttemptBody, DeliveryBody, ReplayBody, ResendBody, SubscriptionBody } from "../schemas/subscriptions.ts";
import { parseReplay, parseResend, toSubscriptionBody } from "../subscription-body.ts";
import { assertFound, SUBSCRIPTION_ADDRESS, SUBSCRIPTION_SCOPE, subscriptionIdOf } from "./subscriptions.ts";

const PAGE = { limit: LIMIT, cursor: CURSOR };
const DELIVERIES = { status: choiceParameter(DELIVERY_STATUSES, "Only deliveries with this status."), ...PAGE };
const ATTEMPTS = {
  delivery_id: textParameter({
    pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/,
    what: "an id of 1 to 64 of a-z, 0-9, _ and -",
    description: "Only attempts of this delivery.",
  }),
  ...PAGE,
};

/** What a subscription was sent, how it went, and how it is sent again. */
export const subscriptionDeliveryRoutes: FastifyPluginAsync<RouteDeps> = async (app, { store, clock }) => {
  const { subscriptions, deliveries } = store;
  const getSubscription = async ({ params }: FastifyRequest) => {
    const id = subscriptionIdOf(params);
    return assertFound(await subscriptions.find(id), id);
  };

  app.get(
    `${SUBSCRIPTION_ADDRESS}/deliveries`,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "list_deliveries",
          tag: "webhooks",
          summary: "What a subscription is sent, newest first; status=dead_lettered are its dead letters.",
          query: DELIVERIES,
          answers: { 200: { description: "A page.", body: pageOf(DeliveryBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const { status, limit, cursor } = parseQuery(request.query, DELIVERIES);
      const { subscriptionId } = await getSubscription(request);
      const filter = { subscriptionId, ...(status === undefined ? {} : { status }) };
      const list = { list: "deliveries", ...filter };
      const before = parseTimeCursor(cursor, list);
      const found = await deliveries.list(filter, { limit: limit + 1, ...(before === undefined ? {} : { before }) });
      return toPage(found, limit, toDeliveryBody, ({ createdAt, deliveryId }) => toTimeCursor({ at: createdAt, id: deliveryId }, list));
    },
  );

  app.get(
    `${SUBSCRIPTION_ADDRESS}/attempts`,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "list_attempts",
          tag: "webhooks",
          summary: "How each attempt to deliver went, newest first.",
          query: ATTEMPTS,
          answers: { 200: { description: "A page.", body: pageOf(AttemptBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const { delivery_id: deliveryId, limit, cursor } = parseQuery(request.query, ATTEMPTS);
      const { subscriptionId } = await getSubscription(request);
      const filter = { subscriptionId, ...(deliveryId === undefined ? {} : { deliveryId }) };
      const list = { list: "attempts", ...filter };
      const before = parseTimeCursor(cursor, list);
      const found = await deliveries.listAttempts(filter, { limit: limit + 1, ...(before === undefined ? {} : { before }) });
      return toPage(found, limit, toAttemptBody, ({ startedAt, attemptId }) => toTimeCursor({ at: startedAt, id: attemptId }, list));
    },
  );

  app.post(
    `${SUBSCRIPTION_ADDRESS}/test`,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "test_subscription",
          tag: "webhooks",
          summary: "Sends an event of the type subscription.test, as any other.",
          answers: { 202: { description: "It will be sent; the attempts tell how it went.", body: DeliveryBody } },
          problems: ["OV_REQUEST_INVALID", "OV_SUBSCRIPTION_NOT_FOUND", "OV_SUBSCRIPTION_DISABLED"],
        },
      },
    },
    async (request, reply) => {
      refuseBody(request.body, "the event is made here");
      const { subscriptionId, status } = await getSubscription(request);
      if (status === "disabled")
        throw new OpenVibeError(
          "OV_SUBSCRIPTION_DISABLED",
          `subscription ${subscriptionId} is disabled: enable it first, with PATCH {"status": "enabled"}`,
        );
      const delivery = toDelivery(aTestEvent(subscriptionId, clock.now()), subscriptionId);
      await deliveries.add([delivery]);
      reply.code(202);
      return toDeliveryBody(getDelivery(await deliveries.find(subscriptionId, delivery.deliveryId), delivery.deliveryId));
    },
  );

  app.post(
    `${SUBSCRIPTION_ADDRESS}/resend`,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "resend_delivery",
          tag: "webhooks",
          summary: "Sends one delivery again, a dead letter too.",
          body: ResendBody,
          answers: { 202: { description: "It is due now, and its pauses begin anew.", body: DeliveryBody } },
          problems: ["OV_BODY_REQUIRED", "OV_REQUEST_INVALID", "OV_UNKNOWN_FIELD", "OV_SUBSCRIPTION_NOT_FOUND", "OV_DELIVERY_NOT_FOUND"],
        },
      },
    },
    async (request, reply) => {
      if (request.body === undefined) throw bodyRequired();
      const deliveryId = parseResend(request.body);
      const { subscriptionId } = await getSubscription(request);
      reply.code(202);
      return toDeliveryBody(getDelivery(await deliveries.resend(subscriptionId, deliveryId), deliveryId));
    },
  );

  app.post(
    `${SUBSCRIPTION_ADDRESS}/replay`,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "replay_events",
          tag: "webhooks",
          summary: "Sends all matching events of a time again, as far as the event log keeps them.",
          description:
            "Also those from before the subscription, and those it missed while it was disabled. Another replay takes the place of one under way.",
          body: ReplayBody,
          answers: { 202: { description: "Begun: replay is shown until all are due.", body: SubscriptionBody } },
          problems: ["OV_BODY_REQUIRED", "OV_REQUEST_INVALID", "OV_UNKNOWN_FIELD", "OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request, reply) => {
      const id = subscriptionIdOf(request.params);
      if (request.body === undefined) throw bodyRequired();
      const range = parseReplay(request.body, clock.now());
      reply.code(202);
      return toSubscriptionBody(assertFound(await subscriptions.replay(id, range), id));
    },
  );
};

function aTestEvent(subscriptionId: string, now: number): OpenVibeEvent {
  return {
    id: `test_${newToken()}`,
    type: "subscription.test",
    time: toIso(now),
    operatorId: null,
    workflowId: null,
    runId: null,
    nodeId: null,
    sequence: null,
    data: { subscription_id: subscriptionId },
  };
}

function getDelivery(found: Delivery | undefined, deliveryId: string): Delivery {
  if (found !== undefined) return found;
  throw new OpenVibeError("OV_DELIVERY_NOT_FOUND", `the subscription has no delivery ${deliveryId}, or not any more`);
}

function toDeliveryBody(delivery: Delivery) {
  const { nextAt, createdAt, endedAt } = delivery;
  return {
    delivery_id: delivery.deliveryId,
    subscription_id: delivery.subscriptionId,
    event_id: delivery.eventId,
    type: delivery.type,
    operator_id: delivery.operatorId,
    run_id: delivery.runId,
    status: delivery.status,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    next_attempt_at: nextAt === null ? null : toIso(nextAt),
    created_at: toIso(createdAt),
    ended_at: endedAt === null ? null : toIso(endedAt),
  };
}

function toAttemptBody({ deliveryId, attempt, startedAt, durationMs, statusCode, error, detail, response }: Attempt) {
  return {
    delivery_id: deliveryId,
    attempt,
    started_at: toIso(startedAt),
    duration_ms: durationMs,
    status_code: statusCode,
    error,
    detail,
    response,
  };
}
