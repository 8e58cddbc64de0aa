import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { isPlainObject, type JsonObject, OpenVibeError, parseStrictJson } from "@openvibe/core";
import { type ApiOptions, openApi } from "./api-client.ts";
import { print, printRun } from "./print.ts";
import { watch } from "./watch.ts";

export interface RunOptions extends ApiOptions {
  readonly input: string;
  readonly wait?: boolean;
  readonly idempotencyKey?: string;
  readonly json?: boolean;
}

/** `openvibe run <operator> <trigger>`: activates, and with `--wait` shows what happens until the end. */
export async function run(operatorId: string, trigger: string, options: RunOptions): Promise<void> {
  const api = await openApi(options);
  const input = await readInput(options.input);
  const headers: Record<string, string> = options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey };
  const accepted = await api.call("POST", `/v1/operators/${encodeURIComponent(operatorId)}/activate`, { trigger, input }, headers);
  if (options.wait === true) {
    await watch(api, accepted, options.json === true);
    return;
  }
  if (options.json === true) print(JSON.stringify(accepted));
  else {
    printRun(accepted);
    print(`\nSee it with: openvibe runs watch ${String(accepted.run_id)}`);
  }
}

async function readInput(given: string): Promise<JsonObject> {
  const source = given === "-" ? await text(process.stdin) : given.startsWith("@") ? await readFile(given.slice(1), "utf8") : given;
  const value = parseStrictJson(source, "--input");
  if (!isPlainObject(value))
    throw new OpenVibeError("OV_REQUEST_INVALID", `--input must be a JSON object such as '{"company_name":"Stripe"}'`);
  return value as JsonObject;
}
