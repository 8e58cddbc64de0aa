import { newToken, OpenVibeError } from "@openvibe/core";
import { bodyRequired, newWebhookSecret, parseParams, parseQuery } from "@openvibe/http";
import type { Subscription } from "@openvibe/store";
import type { FastifyPluginAsync } from "fastify";
import { refuseBody } from "../body-fields.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { pageOf } from "../schemas/json.ts";
import { SubscribeBody, SubscriptionBody, SubscriptionChangeBody, SubscriptionWithSecretBody } from "../schemas/subscriptions.ts";
import { parseChange, parseSubscribe, toSubscriptionBody } from "../subscription-body.ts";

const MOST_SUBSCRIPTIONS = 1_000;
/** How long a secret that was exchanged signs besides the new one. */
const KEEP_SECRET_MS = 86_400_000;

/** Events are sent to addresses outside: nobody who may not read everything may have them sent. */
export const SUBSCRIPTION_SCOPE = "admin";

export const SUBSCRIPTION_ADDRESS = "/events/subscriptions/:subscription_id";

export function subscriptionIdOf(params: unknown): string {
  return parseParams(params, { subscription_id: "subscription" }).subscription_id;
}

/** @throws OpenVibeError OV_SUBSCRIPTION_NOT_FOUND */
export function assertFound<T>(found: T | undefined, subscriptionId: string): T {
  if (found !== undefined) return found;
  throw new OpenVibeError("OV_SUBSCRIPTION_NOT_FOUND", `there is no subscription ${subscriptionId}`);
}

/** Who is sent events: made, shown, changed, taken away. */
export const subscriptionRoutes: FastifyPluginAsync<RouteDeps> = async (app, { store, bus, targets }) => {
  const { subscriptions } = store;
  const withSecret = (subscription: Subscription) => ({ ...toSubscriptionBody(subscription), secret: subscription.secret });

  app.post(
    "/events/subscribe",
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "subscribe",
          tag: "webhooks",
          summary: "Has events sent to an address.",
          description:
            "Every matching event from now on is sent at least once, under one id, signed by Standard Webhooks, and again for three days where it is not taken.",
          body: SubscribeBody,
          answers: {
            201: {
              description: "Subscribed. The secret is shown here only.",
              body: SubscriptionWithSecretBody,
              headers: { Location: "Its address." },
            },
          },
          problems: [
            "OV_BODY_REQUIRED",
            "OV_REQUEST_INVALID",
            "OV_UNKNOWN_FIELD",
            "OV_URL_NOT_ALLOWED",
            "OV_TOO_MANY_SUBSCRIPTIONS",
            "OV_BUS_UNAVAILABLE",
          ],
        },
      },
    },
    async (request, reply) => {
      if (request.body === undefined) throw bodyRequired();
      const { secret = newWebhookSecret(), ...wanted } = parseSubscribe(request.body, targets);
      const { last: fromPosition } = await bus.log.bounds();
      const subscriptionId = `sub_${newToken()}`;
      if (!(await subscriptions.add({ ...wanted, subscriptionId, secret, fromPosition }, MOST_SUBSCRIPTIONS)))
        throw new OpenVibeError("OV_TOO_MANY_SUBSCRIPTIONS", `there are ${MOST_SUBSCRIPTIONS} subscriptions; delete one that nobody needs`);
      const made = assertFound(await subscriptions.find(subscriptionId), subscriptionId);
      return reply.code(201).header("location", `/v1/events/subscriptions/${subscriptionId}`).send(withSecret(made));
    },
  );

  app.get(
    "/events/subscriptions",
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "list_subscriptions",
          tag: "webhooks",
          summary: "Who is sent events.",
          answers: { 200: { description: "All of them, on one page, oldest first.", body: pageOf(SubscriptionBody) } },
        },
      },
    },
    async (request) => {
      parseQuery(request.query, {});
      return { data: (await subscriptions.list()).map(toSubscriptionBody), has_more: false, next_cursor: null };
    },
  );

  app.get(
    SUBSCRIPTION_ADDRESS,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "get_subscription",
          tag: "webhooks",
          summary: "One subscription.",
          answers: { 200: { description: "Without its secret.", body: SubscriptionBody } },
          problems: ["OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const id = subscriptionIdOf(request.params);
      return toSubscriptionBody(assertFound(await subscriptions.find(id), id));
    },
  );

  app.patch(
    SUBSCRIPTION_ADDRESS,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "change_subscription",
          tag: "webhooks",
          summary: "Pauses, enables or changes a subscription.",
          description: "Events that a paused one misses wait until it is enabled. What a disabled one misses is sent by a replay only.",
          body: SubscriptionChangeBody,
          answers: { 200: { description: "As it is now.", body: SubscriptionBody } },
          problems: ["OV_BODY_REQUIRED", "OV_REQUEST_INVALID", "OV_UNKNOWN_FIELD", "OV_URL_NOT_ALLOWED", "OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const id = subscriptionIdOf(request.params);
      if (request.body === undefined) throw bodyRequired();
      const change = parseChange(request.body, targets);
      return toSubscriptionBody(assertFound(await subscriptions.change(id, change), id));
    },
  );

  app.delete(
    SUBSCRIPTION_ADDRESS,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "delete_subscription",
          tag: "webhooks",
          summary: "Ends a subscription, and forgets its deliveries.",
          answers: { 204: { description: "Nothing more is sent." } },
          problems: ["OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request, reply) => {
      const id = subscriptionIdOf(request.params);
      assertFound((await subscriptions.remove(id)) || undefined, id);
      return reply.code(204).send();
    },
  );

  app.post(
    `${SUBSCRIPTION_ADDRESS}/rotate-secret`,
    {
      config: {
        scope: SUBSCRIPTION_SCOPE,
        doc: {
          id: "rotate_secret",
          tag: "webhooks",
          summary: "Exchanges a subscription's secret.",
          description: "For 24 hours both sign, the new one first: a receiver takes either.",
          answers: { 200: { description: "The new secret, shown here only.", body: SubscriptionWithSecretBody } },
          problems: ["OV_REQUEST_INVALID", "OV_SUBSCRIPTION_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const id = subscriptionIdOf(request.params);
      refuseBody(request.body, "the new secret is made here");
      const secret = newWebhookSecret();
      return withSecret(assertFound(await subscriptions.rotate(id, secret, KEEP_SECRET_MS), id));
    },
  );
};
