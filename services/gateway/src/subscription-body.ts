import { isId, type OperatorId, parseEventPattern, parseRfc3339, toIso } from "@openvibe/core";
import { findWebhookKey, type TargetGuard, WEBHOOK_SECRET_FORM } from "@openvibe/http";
import type { NewSubscription, Subscription, SubscriptionChange } from "@openvibe/store";
import { parseFields, wrongField } from "./body-fields.ts";

const MOST_TYPES = 50;
const MOST_OPERATORS = 50;
const MOST_CHARACTERS = 200;

export interface SubscribeBody extends Pick<NewSubscription, "url" | "types" | "operators" | "description" | "ordered"> {
  readonly secret: string | undefined;
}

/** Reads `{url, types, operators?, secret?, ordered?, description?}`. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD, OV_URL_NOT_ALLOWED */
export function parseSubscribe(body: unknown, targets: TargetGuard): SubscribeBody {
  const names = ["url", "types", "operators", "secret", "ordered", "description"] as const;
  const { url, types, operators, secret, ordered = false, description } = parseFields(body, names, EXAMPLE);
  if (typeof ordered !== "boolean") throw wrongField("/ordered", "expected true or false");
  return {
    url: parseUrl(url, targets),
    types: parseTypes(types),
    operators: operators === undefined || operators === null ? null : parseOperators(operators),
    description: description === undefined ? null : parseDescription(description),
    ordered,
    secret: parseSecret(secret),
  };
}

/** Reads `{status?, url?, types?, description?}`. @throws as `parseSubscribe` */
export function parseChange(body: unknown, targets: TargetGuard): SubscriptionChange {
  const { status, url, types, description } = parseFields(body, ["status", "url", "types", "description"], '{"status": "paused"}');
  if (status !== undefined && status !== "enabled" && status !== "paused") throw wrongField("/status", 'expected "enabled" or "paused"');
  return {
    ...(status === undefined ? {} : { status }),
    ...(url === undefined ? {} : { url: parseUrl(url, targets) }),
    ...(types === undefined ? {} : { types: parseTypes(types) }),
    ...(description === undefined ? {} : { description: parseDescription(description) }),
  };
}

/** Reads `{delivery_id}`. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD */
export function parseResend(body: unknown): string {
  const { delivery_id: deliveryId } = parseFields(body, ["delivery_id"], '{"delivery_id": "dlv_…"}');
  if (!isId(deliveryId)) throw wrongField("/delivery_id", "expected the id of a delivery");
  return deliveryId;
}

/** Reads `{from, to?}`; `to` is now by default. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD */
export function parseReplay(body: unknown, now: number): { readonly from: number; readonly to: number } {
  const fields = parseFields(body, ["from", "to"], '{"from": "2026-11-22T10:30:00Z"}');
  const [from, to] = [parseTime(fields.from, "/from"), fields.to === undefined ? now : parseTime(fields.to, "/to")];
  if (from > to) throw wrongField("/from", `${toIso(from)} is after ${toIso(to)}, at which the time ends`);
  return { from, to };
}

/** As it is shown: without its secret. */
export function toSubscriptionBody(subscription: Subscription) {
  const { subscriptionId, url, types, operators, description, ordered, status, reason, replay, previousSecret } = subscription;
  return {
    subscription_id: subscriptionId,
    url,
    types: [...types],
    operators: operators === null ? null : [...operators],
    description,
    ordered,
    status,
    ...(reason === null ? {} : { reason }),
    secrets: previousSecret === null ? 1 : 2,
    ...(replay === null ? {} : { replay: { from: toIso(replay.from), to: toIso(replay.to) } }),
    created_at: toIso(subscription.createdAt),
    updated_at: toIso(subscription.updatedAt),
  };
}

const EXAMPLE = '{"url": "https://…", "types": ["run.completed"]}';

function parseUrl(url: unknown, targets: TargetGuard): string {
  if (typeof url !== "string") throw wrongField("/url", "expected the address of a receiver, such as https://example.com/hooks");
  return targets.parse(url).href;
}

function parseTypes(types: unknown): readonly string[] {
  if (!Array.isArray(types) || types.length === 0 || types.length > MOST_TYPES)
    throw wrongField("/types", `expected a list of 1 to ${MOST_TYPES} event types, such as ["run.completed", "lead.*"], or ["*"] for all`);
  return [...new Set(types.map((type, index) => parseEventPattern(type, (detail) => wrongField(`/types/${index}`, detail))))];
}

function parseOperators(operators: unknown): readonly OperatorId[] {
  if (!Array.isArray(operators) || operators.length === 0 || operators.length > MOST_OPERATORS || !operators.every(isId))
    throw wrongField("/operators", `expected a list of 1 to ${MOST_OPERATORS} operators' ids; without it events of all are sent`);
  return [...new Set(operators)];
}

function parseDescription(description: unknown): string {
  if (
    typeof description === "string" &&
    [...description].length <= MOST_CHARACTERS &&
    !/\p{Cc}/u.test(description) &&
    description.isWellFormed()
  )
    return description;
  throw wrongField("/description", `expected a text of at most ${MOST_CHARACTERS} characters, on one line`);
}

function parseSecret(secret: unknown): string | undefined {
  if (secret === undefined) return undefined;
  if (typeof secret === "string" && findWebhookKey(secret) !== undefined) return secret;
  throw wrongField("/secret", `expected ${WEBHOOK_SECRET_FORM}; without it one is made`);
}

function parseTime(time: unknown, pointer: string): number {
  const ms = typeof time === "string" ? parseRfc3339(time) : undefined;
  if (ms === undefined) throw wrongField(pointer, 'expected a time with its offset (RFC 3339), such as "2026-11-22T10:30:00Z"');
  return ms;
}
