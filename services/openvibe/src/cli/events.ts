import type { JsonObject } from "@openvibe/core";
import { type ApiOptions, openApi } from "./api-client.ts";
import { coloured } from "./colour.ts";
import { getRun } from "./find-run.ts";
import { note, print, printJson, styled } from "./print.ts";

export interface TailOptions extends ApiOptions {
  readonly types?: readonly string[];
  readonly operator?: string;
  readonly run?: string;
  readonly since?: string;
  /** Milliseconds; for ever when absent. */
  readonly timeout?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `openvibe events tail`: stored events as they happen. The reader comes back after each cut, and misses nothing. */
export async function tailEvents(options: TailOptions): Promise<void> {
  const api = await openApi(options);
  const { types = [], operator, run, since, timeout } = options;
  // A stream of a misspelt id is silent for ever, and one from a server that is not there is tried again for ever.
  if (run !== undefined) await getRun(api, run);
  else await api.call("GET", operator === undefined ? "/v1/operators" : `/v1/operators/${encodeURIComponent(operator)}`);

  const query = new URLSearchParams(types.map((type): [string, string] => ["types", type]));
  if (operator !== undefined) query.set("operator", operator);
  if (run !== undefined) query.set("run_id", run);
  let cursor = since ?? "";
  process.prependOnceListener("SIGINT", () => {
    if (cursor !== "") note(`go on from here with the same options and: --since ${cursor}`, options);
  });
  const { readSse } = await import("@openvibe/http");
  let connections = 0;
  const messages = readSse(`${api.url}/v1/events/stream?${query}`, {
    headers: api.headers,
    ...(since === undefined ? {} : { lastEventId: since }),
    ...(timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }),
    onConnect: ({ status }) => {
      if (status === 200 && connections++ > 0) note("the connection was cut; it goes on where it was", options);
    },
  });
  for await (const { event, data, lastEventId } of messages) {
    cursor = lastEventId;
    const body = JSON.parse(data) as JsonObject;
    if (event.startsWith("stream.")) note(wordsOf(event), options);
    if (options.json === true) printJson({ ...body, cursor });
    else if (!event.startsWith("stream.")) showEvent(event, body);
  }
}

function wordsOf(event: string): string {
  return event === "stream.gap"
    ? "some events are gone: the log no longer keeps all that came since; it goes on from the oldest one kept"
    : "the place to go on from means nothing here any more: the log is another one; it goes on from now";
}

function showEvent(type: string, event: JsonObject): void {
  const time = String(event.time).slice(11, 23);
  const shown = type.startsWith("run.") ? `run.${styled(type.slice(4))}` : type;
  const where = [event.operatorid, event.runid, event.nodeid].filter((part) => part !== undefined).join(" ");
  print(`${time}  ${shown}  ${where}  ${coloured("dim", JSON.stringify(event.data ?? {}))}`);
}
