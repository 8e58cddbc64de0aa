import type { ServerResponse } from "node:http";
import type { AnthropicAnswer, AnthropicReply } from "./anthropic-reply.ts";
import type { AnthropicRequest } from "./anthropic-request.ts";

/** Puts a reply on the wire, as JSON or as server-sent events, whichever was asked for. */
export function writeReply(response: ServerResponse, request: AnthropicRequest, reply: AnthropicReply): void {
  if (typeof reply === "string") writeAnswer(response, request, { text: reply });
  else if ("rawBody" in reply) response.writeHead(reply.status ?? 200, reply.headers).end(reply.rawBody);
  else if ("closeSocket" in reply) response.destroy();
  else if ("cut" in reply) cutOff(response, request, reply);
  else if ("hang" in reply) {
    if (reply.hang === "in_body") begin(response, request);
  } else if ("dripEveryMs" in reply) {
    begin(response, request);
    const drip = setInterval(() => response.write(request.stream ? ":" : " "), reply.dripEveryMs);
    response.once("close", () => clearInterval(drip));
  } else writeAnswer(response, request, reply);
}

function writeAnswer(response: ServerResponse, request: AnthropicRequest, answer: AnthropicAnswer): void {
  if (!request.stream) {
    const body = Buffer.from(JSON.stringify(toMessage(request, answer)));
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length, "request-id": nextId("req") }).end(body);
    return;
  }
  response.writeHead(200, EVENT_STREAM);
  const events = toEvents(request, answer);
  if (answer.eventEveryMs === undefined || answer.eventEveryMs === 0) {
    for (const event of events) response.write(event);
    response.end();
    return;
  }
  const pace = setInterval(() => {
    response.write(events.shift() ?? "");
    if (events.length === 0) response.end();
  }, answer.eventEveryMs);
  response.once("close", () => clearInterval(pace));
}

const EVENT_STREAM = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

function begin(response: ServerResponse, request: AnthropicRequest): void {
  response.writeHead(200, request.stream ? EVENT_STREAM : { "content-type": "application/json" });
  response.write(request.stream ? 'event: ping\ndata: {"type":"ping"}\n\n' : '{"type":"message",');
}

function cutOff(response: ServerResponse, request: AnthropicRequest, { cut, text }: { cut: "tidy" | "socket"; text: string }): void {
  const whole = request.stream ? toEvents(request, { text }).join("") : JSON.stringify(toMessage(request, { text }));
  response.writeHead(200, request.stream ? EVENT_STREAM : { "content-type": "application/json" });
  // Destroyed only once the half is on its way: what is still in the buffer would be lost with the socket.
  response.write(whole.slice(0, whole.length / 2), () => (cut === "tidy" ? response.end() : response.destroy()));
}

let ids = 0;
const nextId = (prefix: string) => `${prefix}_loopback_${++ids}`;

function toMessage(request: AnthropicRequest, answer: AnthropicAnswer): Record<string, unknown> {
  const { text, model = request.model, stopReason = "end_turn", usage = estimate(request, text) } = answer;
  return {
    id: nextId("msg"),
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text }],
    stop_reason: stopReason,
    stop_sequence: null,
    ...(usage === null ? {} : { usage }),
  };
}

function estimate(request: AnthropicRequest, text: string): Record<string, unknown> {
  return {
    input_tokens: Math.ceil((request.user.length + (request.system?.length ?? 0)) / 4),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: Math.ceil(text.length / 4),
    service_tier: "standard",
  };
}

/** The events of a streamed answer: the same message, its text in up to eight pieces. */
function toEvents(request: AnthropicRequest, answer: AnthropicAnswer): string[] {
  const { content: _, stop_reason, usage, ...message } = toMessage(request, answer);
  const size = Math.max(1, Math.ceil(answer.text.length / 8));
  const events: Record<string, unknown>[] = [
    { type: "message_start", message: { ...message, content: [], stop_reason: null, ...(usage === undefined ? {} : { usage }) } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "ping" },
  ];
  for (let at = 0; at < answer.text.length; at += size) {
    events.push({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: answer.text.slice(at, at + size) } });
  }
  events.push(
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, ...(usage === undefined ? {} : { usage }) },
    { type: "message_stop" },
  );
  return events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`);
}
