import { isPlainObject, type JsonObject, OpenVibeError } from "@openvibe/core";
import { openApi } from "./api-client.ts";
import { note, printJson, printRun, watchLine } from "./print.ts";
import { readJson } from "./read-json.ts";
import { type WatchOptions, watch } from "./watch.ts";

export interface RunOptions extends WatchOptions {
  readonly input: string;
  readonly wait?: boolean;
  readonly idempotencyKey?: string;
}

/** `openvibe run <operator> <trigger>`: activates, and with `--wait` shows what happens until the end. */
export async function run(operatorId: string, trigger: string, options: RunOptions): Promise<void> {
  const api = await openApi(options);
  const input = await readInput(options.input);
  const headers: Record<string, string> = options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey };
  const accepted = await api.call("POST", `/v1/operators/${encodeURIComponent(operatorId)}/activate`, { trigger, input }, headers);
  for (const warning of (accepted.warnings ?? []) as readonly string[]) note(wordsOf(warning, operatorId), options);
  if (options.wait === true) return await watch(api, accepted, options);
  if (options.json === true) return printJson(accepted);
  printRun(accepted);
  note(`see it with: ${watchLine(accepted, options)}`, options);
}

function wordsOf(warning: string, operatorId: string): string {
  return warning === "no_worker" ? `warning: nobody serves ${operatorId} now; the run waits until somebody does` : `warning: ${warning}`;
}

async function readInput(given: string): Promise<JsonObject> {
  const value = await readJson(given, "--input");
  if (!isPlainObject(value))
    throw new OpenVibeError("OV_REQUEST_INVALID", `--input must be a JSON object such as '{"company_name":"Stripe"}'`);
  return value as JsonObject;
}
