import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { messageOf, OpenVibeError } from "@openvibe/core";
import type { RouteDoc } from "@openvibe/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";

/** Until the relay's headers are there; a stream may then last for days. */
const HEADERS_WITHIN_MS = 10_000;

const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const STREAMS: Readonly<Record<string, RouteDoc>> = {
  "/v1/events/stream": toDoc("stream_events", "Events of all operators, as they are stored."),
  "/v1/operators/:operator_id/runs/:run_id/stream": toDoc(
    "stream_run",
    "One run's events as they happen, tokens included; ends with the run.",
  ),
};

/** Passes event streams on to the relay, where it is a process of its own. */
export function proxyToRelay(relayUrl: URL | string): FastifyPluginAsync {
  const relay = new URL(relayUrl);
  return async (app) => {
    const open = new Set<() => void>();
    // Streams would hold the server open: they end, and clients reconnect to another replica.
    app.addHook("preClose", async () => {
      for (const end of open) end();
    });
    // A body passes through as it comes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const [url, doc] of Object.entries(STREAMS)) {
      app.get(
        url,
        { exposeHeadRoute: false, config: { doc, leavesOutOthers: true } },
        async (request, reply) => await pass(relay, request, reply, open),
      );
    }
  };
}

async function pass(relay: URL, request: FastifyRequest, reply: FastifyReply, open: Set<() => void>): Promise<FastifyReply> {
  const client = reply.raw;
  const upstream = callRelay(relay, request);
  const hangUp = () => void upstream.destroy();
  client.once("close", hangUp);
  const answer = await headersOf(upstream);

  // From here on the answer is the relay's.
  reply.hijack();
  const end = () => {
    client.end();
    upstream.destroy();
  };
  open.add(end);
  client.once("close", () => open.delete(end));
  // What this server says of every answer (request id, origins, what is left of the limit) goes before what the relay says.
  client.writeHead(answer.statusCode ?? 502, { ...withoutHops(answer.headers), ...(reply.getHeaders() as OutgoingHttpHeaders) });
  client.flushHeaders();
  // An answer cut off on its way is cut off for the client, too: an end would say that it is whole.
  answer.once("error", () => client.destroy());
  answer.pipe(client);
  return reply;
}

function callRelay(relay: URL, request: FastifyRequest): ClientRequest {
  const send = relay.protocol === "https:" ? httpsRequest : httpRequest;
  const upstream = send({
    protocol: relay.protocol,
    hostname: relay.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: relay.port,
    // A request line may hold a whole URL: where it goes to is not the caller's to say.
    path: request.url.replace(/^[a-z]+:\/\/[^/?]*/i, ""),
    method: request.method,
    headers: { ...withoutHops(request.headers), host: relay.host, "x-request-id": request.id },
    agent: false, // a stream's connection is used once
  });
  request.raw.pipe(upstream);
  return upstream;
}

/** @throws OpenVibeError OV_BUS_UNAVAILABLE */
function headersOf(upstream: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => upstream.destroy(new Error(`no answer within ${HEADERS_WITHIN_MS} ms`)), HEADERS_WITHIN_MS);
    upstream.once("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    // Stays for the stream's life: an error without a listener would end the process.
    upstream.on("error", (cause) => {
      clearTimeout(timer);
      reject(new OpenVibeError("OV_BUS_UNAVAILABLE", `the event relay cannot be reached: ${messageOf(cause)}`, { cause }));
    });
  });
}

function withoutHops(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.has(name)));
}

function toDoc(id: string, summary: string): RouteDoc {
  return {
    id,
    tag: "events",
    summary,
    headers: { "Last-Event-ID": "The last event the client has: the stream goes on after it." },
    answers: { 200: { description: "Server-sent events.", mediaType: "text/event-stream" } },
    problems: ["OV_EVENT_ID_INVALID", "OV_RUN_NOT_FOUND", "OV_NOT_ACCEPTABLE", "OV_TOO_MANY_STREAMS", "OV_BUS_UNAVAILABLE"],
  };
}
