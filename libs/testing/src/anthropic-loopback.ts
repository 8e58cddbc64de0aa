import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AnthropicReply, anthropicError } from "./anthropic-reply.ts";
import { type AnthropicRequest, type RequestRules, readRequest, TEMPERATURE_MODELS } from "./anthropic-request.ts";
import { writeReply } from "./anthropic-wire.ts";

export interface AnthropicLoopbackOptions {
  /** Plays the model, and misbehaves on order. What it throws is answered as the vendor's 500. */
  readonly reply: (request: AnthropicRequest) => AnthropicReply | Promise<AnthropicReply>;
  /** A free one by default. */
  readonly port?: number;
  /** Time before each answer, in milliseconds; 0 by default. */
  readonly delayMs?: number;
  /** The only key that is let in; any by default. */
  readonly apiKey?: string;
  /** Models that take `temperature`; {@link TEMPERATURE_MODELS} by default. */
  readonly temperatureModels?: readonly string[];
  /** The newest so many requests are kept; 1,000 by default, so that a benchmark does not fill the memory. */
  readonly keep?: number;
}

/** A model vendor on 127.0.0.1. Disposing closes every socket; twice is fine. */
export interface AnthropicLoopback extends AsyncDisposable {
  /** What a client takes as its base URL. */
  readonly url: string;
  /** Well-formed requests, oldest first. */
  readonly requests: readonly AnthropicRequest[];
  /** All requests, those refused or no longer kept included. */
  readonly count: number;
  /** Connections that are open now: a client that gave up has destroyed its own. */
  openSockets(): Promise<number>;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Starts an HTTP server that speaks Anthropic's Messages API (version 2026-10-21): JSON and server-sent events, errors in their shape, the
 * same refusals of malformed requests. Real sockets, no key needed, nothing leaves the machine.
 * @example `await using vendor = await startAnthropicLoopback({ reply: ({ user }) => `You said ${user}` });`
 */
export async function startAnthropicLoopback(options: AnthropicLoopbackOptions): Promise<AnthropicLoopback> {
  const requests: AnthropicRequest[] = [];
  const rules: RequestRules = { apiKey: options.apiKey, temperatureModels: new Set(options.temperatureModels ?? TEMPERATURE_MODELS) };
  const keep = options.keep ?? 1_000;
  let count = 0;

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    count++;
    readText(request, (text) => {
      const read = text === undefined ? { refusal: tooLarge() } : readRequest(request.headers, text, rules);
      if (request.method !== "POST" || request.url?.split("?")[0] !== "/v1/messages") return refuseRoute(response);
      if ("refusal" in read) return response.writeHead(read.refusal.status ?? 400, read.refusal.headers).end(read.refusal.rawBody);
      requests.push(read.request);
      if (requests.length > keep * 2) requests.splice(0, requests.length - keep); // in batches: one shift per request would be slow
      const go = () => void answer(options.reply, read.request, response);
      if (options.delayMs === undefined || options.delayMs === 0) return go();
      const waiting = setTimeout(go, options.delayMs);
      response.once("close", () => clearTimeout(waiting));
    });
  });
  const port = await listen(server, options.port ?? 0);

  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests.slice(-keep);
    },
    get count() {
      return count;
    },
    openSockets: () =>
      new Promise((resolve, reject) => server.getConnections((error, open) => (error === null ? resolve(open) : reject(error)))),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(reply: AnthropicLoopbackOptions["reply"], request: AnthropicRequest, response: ServerResponse): Promise<void> {
  try {
    const replied = reply(request);
    // A reply that is there already costs no turn of the event loop.
    writeReply(response, request, replied instanceof Promise ? await replied : replied);
  } catch (error) {
    const { status, headers, rawBody } = anthropicError("api_error", `the loopback's reply threw ${String(error)}`);
    if (!response.headersSent) response.writeHead(status ?? 500, headers);
    response.end(rawBody);
  }
}

/** Gives the body's text, or `undefined` when it is larger than the API allows. */
function readText(request: IncomingMessage, done: (text: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on("end", () => done(bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8")));
}

function tooLarge() {
  return anthropicError("request_too_large", "the request is larger than 32 MB");
}

function refuseRoute(response: ServerResponse): void {
  const { status, headers, rawBody } = anthropicError("not_found_error", "the only route is POST /v1/messages");
  response.writeHead(status ?? 404, headers).end(rawBody);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}
