/** The bodies of subscriptions and webhooks. */
import { EVENT_TYPE_PATTERN, ID_PATTERN } from "@openvibe/core";
import { DELIVERY_STATUSES } from "@openvibe/store";
import { z } from "zod";
import { Json, Time } from "./json.ts";

const Id = z.string().regex(new RegExp(ID_PATTERN));
const Pattern = z.string().regex(new RegExp(`^(\\*|${EVENT_TYPE_PATTERN.slice(1, -1)}(\\.\\*)?)$`));
const Url = z.string().max(2_048).describe("A public https address, or a host that OPENVIBE_WEBHOOKS_ALLOW lists.");
const Types = z.array(Pattern).min(1).max(50).describe("Types (lead.qualified), prefixes (run.*), or * for all.");
const Description = z.string().max(200).meta({ pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" });
const Secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/)
  .describe("whsec_ and base64 of 24 to 64 random bytes.");

export const SubscribeBody = z
  .strictObject({
    url: Url,
    types: Types,
    operators: z.array(Id).min(1).max(50).nullable().optional().describe("Events of these alone; of all without it."),
    secret: Secret.optional().describe("Signs the deliveries; without it one is made."),
    ordered: z.boolean().optional().describe("One delivery at a time per run, in the order of its events."),
    description: Description.optional(),
  })
  .meta({ id: "Subscribe", examples: [{ url: "https://example.com/hooks", types: ["run.completed"] }] });

export const SubscriptionChangeBody = z
  .strictObject({
    status: z.enum(["enabled", "paused"]).optional(),
    url: Url.optional(),
    types: Types.optional(),
    description: Description.optional(),
  })
  .meta({ id: "SubscriptionChange" });

export const SubscriptionBody = z
  .object({
    subscription_id: z.string(),
    url: z.string(),
    types: z.array(z.string()),
    operators: z.array(z.string()).nullable(),
    description: z.string().nullable(),
    ordered: z.boolean(),
    status: z.enum(["enabled", "paused", "disabled"]).describe("paused: what it misses waits; disabled: its receiver answered 410."),
    reason: z.string().optional().describe("Why it is disabled."),
    secrets: z.int().describe("How many secrets sign: two for a day after they were exchanged."),
    replay: z.object({ from: Time, to: Time }).optional().describe("Events of this time are being sent again."),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: "Subscription" });

export const SubscriptionWithSecretBody = SubscriptionBody.extend({ secret: z.string().describe("Shown here only.") }).meta({
  id: "SubscriptionWithSecret",
});

export const ResendBody = z.strictObject({ delivery_id: Id }).meta({ id: "Resend" });
export const ReplayBody = z
  .strictObject({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }).optional().describe("Now, without it.") })
  .meta({ id: "Replay" });

export const DeliveryBody = z
  .object({
    delivery_id: z.string(),
    subscription_id: z.string(),
    event_id: z.string().describe("What webhook-id says; the same each time."),
    type: z.string(),
    operator_id: z.string().nullable(),
    run_id: z.string().nullable(),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    next_attempt_at: Time.nullable(),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .meta({ id: "Delivery" });

export const AttemptBody = z
  .object({
    delivery_id: z.string(),
    attempt: z.int().describe("Counts a delivery's attempts, from 1."),
    started_at: Time,
    duration_ms: z.int(),
    status_code: z.int().nullable().describe("null when no answer came."),
    error: z.string().nullable(),
    detail: z.string().nullable(),
    response: z.string().nullable().describe("The beginning of the answer's body."),
  })
  .meta({ id: "Attempt" });

const HookEvent = z.record(z.string(), Json);
export const HookBody = z
  .union([HookEvent, z.array(HookEvent).min(1).max(100)])
  .meta({ id: "Hook", description: "Whatever the source sends; a list is that many deliveries. A form is taken as well." });

export const HookChallengeBody = z.object({ challenge: z.string() }).meta({ id: "HookChallenge" });

export const HookRunsBody = z
  .object({
    runs: z.array(z.object({ operator_id: z.string(), workflow_id: z.string(), run_id: z.string(), replayed: z.boolean() })),
  })
  .meta({ id: "HookRuns" });
