import { setTimeout as sleep } from "node:timers/promises";
import { OpenVibeError, PROBLEMS, type ProblemCode } from "@openvibe/core";
import { type SseMessage, SseParser } from "./sse-parser.ts";

export interface SseClientOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Where to begin: the `lastEventId` of an earlier message. */
  readonly lastEventId?: string;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Connect again when a connection ends; default `true`. With `false` the iteration ends with the first connection. */
  readonly reconnect?: boolean;
  /** Upper bound of the wait between attempts; default 30,000 ms. The first wait is what the server asks for (2,000 ms if it asks nothing). */
  readonly maxWaitMs?: number;
  /** A connection on which nothing arrives for this long (three heartbeats) is taken for dead; default 45,000 ms. */
  readonly idleMs?: number;
  /** Makes the error of a refusal; an OpenVibeError with the server's own code by default. */
  readonly toError?: (response: Response) => Promise<Error>;
  readonly onConnect?: (connection: { readonly status: number; readonly lastEventId: string }) => void;
  /** Sees all bytes as they arrive. A number it gives is how many of them still count before the connection is cut: a fault for tests. */
  readonly onBytes?: (bytes: Uint8Array) => number | undefined;
}

/**
 * Reads a stream of events and comes back after every cut with `Last-Event-ID`. Ends when the server says that there is nothing more (204) or
 * `signal` aborts. Answers of 429, 5xx and failed connections are tried again, slower each time up to `maxWaitMs`.
 * `url` may be a function of the attempt's number (from 0), to spread over replicas.
 * @throws OpenVibeError with the server's own code when it refuses the request (4xx); OV_MEDIA_TYPE_UNSUPPORTED when it answers something else than a stream
 */
export async function* readSse(
  url: string | ((attempt: number) => string),
  options: SseClientOptions = {},
): AsyncGenerator<SseMessage, void, void> {
  const { signal, reconnect = true, maxWaitMs = 30_000 } = options;
  let lastEventId = options.lastEventId ?? "";
  let retryMs = 2_000;
  let failures = 0;
  for (let attempt = 0; signal?.aborted !== true; attempt++) {
    const stop = new AbortController();
    const end = () => stop.abort();
    signal?.addEventListener("abort", end, { once: true });
    let retryAfterMs: number | undefined;
    try {
      const response = await connect(typeof url === "string" ? url : url(attempt), lastEventId, options, stop.signal);
      if (response?.status === 204) return;
      if (response?.status === 200 && response.body !== null) {
        failures = 0;
        const parser = new SseParser(lastEventId);
        for await (const messages of readMessages(response.body, parser, options, stop)) {
          for (const message of messages) {
            lastEventId = message.lastEventId;
            yield message;
          }
          lastEventId = parser.lastEventId;
        }
        retryMs = parser.retryMs ?? retryMs;
      } else {
        failures++;
        retryAfterMs = secondsToMs(response?.headers.get("retry-after") ?? null);
        await response?.body?.cancel();
      }
    } finally {
      signal?.removeEventListener("abort", end);
      stop.abort();
    }
    if (!reconnect) return;
    const wait = Math.min(maxWaitMs, failures === 0 ? retryMs : (retryAfterMs ?? retryMs * 2 ** (failures - 1) * (0.5 + Math.random())));
    await sleep(wait, undefined, signal === undefined ? {} : { signal }).catch(() => {}); // an abort ends the loop
  }
}

/** `undefined` when there was no answer. */
async function connect(url: string, lastEventId: string, options: SseClientOptions, signal: AbortSignal): Promise<Response | undefined> {
  let response: Response;
  try {
    response = await fetch(url, {
      signal,
      redirect: "error",
      headers: {
        ...options.headers,
        accept: "text/event-stream",
        "cache-control": "no-store",
        ...(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
      },
    });
  } catch (error) {
    if (error instanceof TypeError && error.cause === undefined) throw error; // a mistake in the url or a header, not the network's
    return undefined;
  }
  options.onConnect?.({ status: response.status, lastEventId });
  if (response.status === 204 || response.status === 429 || response.status >= 500) return response;
  if (response.status !== 200) throw await (options.toError ?? toRefusal)(response);
  if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) return response;
  await response.body?.cancel();
  throw new OpenVibeError("OV_MEDIA_TYPE_UNSUPPORTED", `${url} answered ${response.headers.get("content-type")}, not text/event-stream`);
}

async function* readMessages(
  body: ReadableStream<Uint8Array>,
  parser: SseParser,
  { idleMs = 45_000, onBytes }: SseClientOptions,
  stop: AbortController,
): AsyncGenerator<readonly SseMessage[], void, void> {
  const idle = setTimeout(() => stop.abort(), idleMs);
  try {
    for await (const bytes of body) {
      idle.refresh();
      const kept = onBytes?.(bytes);
      yield parser.push(kept === undefined ? bytes : bytes.subarray(0, kept));
      if (kept !== undefined) return;
    }
  } catch {
    // The connection was cut: everything complete has been yielded, the rest comes again after the reconnect.
  } finally {
    clearTimeout(idle);
  }
}

async function toRefusal(response: Response): Promise<OpenVibeError> {
  const text = await response.text().catch(() => "");
  const { code, detail } = readProblem(text);
  return new OpenVibeError(code, `the stream was refused with ${response.status}: ${detail}`);
}

function readProblem(text: string): { code: ProblemCode; detail: string } {
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    if (typeof code === "string" && Object.hasOwn(PROBLEMS, code)) return { code: code as ProblemCode, detail: String(detail) };
  } catch {
    // not a problem of ours: a proxy's page, say
  }
  return { code: "OV_REQUEST_INVALID", detail: text.slice(0, 200) };
}

function secondsToMs(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value) ? Number(value) * 1_000 : undefined;
}
