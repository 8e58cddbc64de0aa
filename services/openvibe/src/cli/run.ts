import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { isPlainObject, type JsonObject, messageOf, OpenVibeError, parseStrictJson } from "@openvibe/core";
import { type ApiOptions, openApi } from "./api-client.ts";
import { print, printRun, watchLine } from "./print.ts";
import { type WatchOptions, watch } from "./watch.ts";

export interface RunOptions extends ApiOptions, WatchOptions {
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
  if (options.wait === true) return await watch(api, accepted, options);
  if (options.json === true) print(JSON.stringify(accepted));
  else {
    printRun(accepted);
    print(`\nSee it with: ${watchLine(accepted)}`);
  }
}

async function readInput(given: string): Promise<JsonObject> {
  const value = parseStrictJson(await readText(given), "--input");
  if (!isPlainObject(value))
    throw new OpenVibeError("OV_REQUEST_INVALID", `--input must be a JSON object such as '{"company_name":"Stripe"}'`);
  return value as JsonObject;
}

async function readText(given: string): Promise<string> {
  if (given === "-") return await text(process.stdin);
  if (!given.startsWith("@")) return given;
  return await readFile(given.slice(1), "utf8").catch((cause: unknown) => {
    throw new OpenVibeError("OV_PARAMETER_INVALID", `--input cannot be read: ${messageOf(cause)}`, { cause });
  });
}
