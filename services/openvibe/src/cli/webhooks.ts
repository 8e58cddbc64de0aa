import type { JsonObject } from "@openvibe/core";
import { openApi } from "./api-client.ts";
import { note, noteMore, print, printJson, printTable } from "./print.ts";
import type { ShowOptions } from "./runs.ts";

const LIST = "/v1/events/subscriptions";
const pathOf = (subscriptionId: string) => `${LIST}/${encodeURIComponent(subscriptionId)}`;

export async function listWebhooks(options: ShowOptions): Promise<void> {
  const page = await (await openApi(options)).call("GET", LIST);
  if (options.json === true) return printJson(page);
  const rows = (page.data as readonly JsonObject[]).map(({ subscription_id, status, types, url }) =>
    [subscription_id, status, (types as readonly string[]).join(","), url].map(String),
  );
  printTable(["SUBSCRIPTION", "STATUS", "TYPES", "URL"], rows);
}

export interface AddWebhookOptions extends ShowOptions {
  readonly types: readonly string[];
  readonly operators?: readonly string[];
  readonly ordered?: boolean;
  readonly description?: string;
}

export async function addWebhook(url: string, options: AddWebhookOptions): Promise<void> {
  const { types, operators, ordered, description } = options;
  const made = await (await openApi(options)).call("POST", "/v1/events/subscribe", {
    url,
    types,
    ...(operators === undefined ? {} : { operators }),
    ...(ordered === undefined ? {} : { ordered }),
    ...(description === undefined ? {} : { description }),
  });
  if (options.json === true) return printJson(made);
  print(`${String(made.subscription_id)}  ${String(made.url)}`);
  print(`  secret ${String(made.secret)}`);
  note(`the secret is not shown again; try it with: openvibe webhooks test ${String(made.subscription_id)}`, options);
}

export async function removeWebhook(subscriptionId: string, options: ShowOptions): Promise<void> {
  await (await openApi(options)).call("DELETE", pathOf(subscriptionId));
  if (options.json === true) printJson({ subscription_id: subscriptionId, deleted: true });
  else print(`${subscriptionId} is deleted`);
}

export async function testWebhook(subscriptionId: string, options: ShowOptions): Promise<void> {
  const delivery = await (await openApi(options)).call("POST", `${pathOf(subscriptionId)}/test`);
  if (options.json === true) return printJson(delivery);
  print(`${String(delivery.delivery_id)}  ${String(delivery.type)}`);
  note(`see how it went with: openvibe webhooks attempts ${subscriptionId} --delivery ${String(delivery.delivery_id)}`, options);
}

export async function listAttempts(
  subscriptionId: string,
  options: ShowOptions & { readonly delivery?: string; readonly limit: string; readonly cursor?: string },
): Promise<void> {
  const { limit, delivery, cursor } = options;
  const query = new URLSearchParams({ limit });
  if (delivery !== undefined) query.set("delivery_id", delivery);
  if (cursor !== undefined) query.set("cursor", cursor);
  const page = await (await openApi(options)).call("GET", `${pathOf(subscriptionId)}/attempts?${query}`);
  if (options.json === true) return printJson(page);
  const rows = (page.data as readonly JsonObject[]).map(({ delivery_id, attempt, started_at, duration_ms, status_code, error }) =>
    [delivery_id, attempt, started_at, duration_ms, status_code ?? "-", error ?? "delivered"].map(String),
  );
  printTable(["DELIVERY", "ATTEMPT", "STARTED", "MS", "ANSWER", "OUTCOME"], rows);
  noteMore(page, options);
}
