/** The AsyncAPI 3.1 document (https://www.asyncapi.com/docs/reference/specification/v3.1.0) of what travels over NATS. */
import type { JsonSchema } from "@openvibe/core";
import { type ApiInfo, hoistInto } from "@openvibe/http";
import { ACTIVATE_CHANNEL, addressOf, CHANNELS, type ChannelDoc, PARAMETERS } from "./channels.ts";
import { LIVE_EVENTS, STORED_EVENTS } from "./event-data.ts";
import { MESSAGES, type MessageDoc, toLiveMessage, toStoredMessage } from "./messages.ts";

type Entries<T> = Readonly<Record<string, T>>;

/** The same whatever the server runs. */
export function toAsyncApi(info: ApiInfo): JsonSchema {
  const schemas: Record<string, unknown> = {};
  const stored = mapValues(STORED_EVENTS, toStoredMessage);
  const live = Object.fromEntries(Object.entries(LIVE_EVENTS).map(([type, doc]) => [type, toLiveMessage(type, doc)]));
  const messages: Entries<MessageDoc> = { ...stored, ...live, ...MESSAGES };
  const events = [...Object.keys(stored), "published"];
  const channels = {
    event: toChannel(CHANNELS.event, events),
    log: toChannel(CHANNELS.log, events),
    live: toChannel(CHANNELS.live, Object.keys(live)),
    activate: toChannel(ACTIVATE_CHANNEL, ["activate"]),
    activated: toInbox("Where the answer to an activation goes", ["accepted", "refusal"]),
    request: toChannel(CHANNELS.request, ["request"]),
    answered: toInbox("Where the answer to a request goes", ["reply", "refusal"]),
    activation: toChannel(CHANNELS.activation, ["wake_up"]),
    control: toChannel(CHANNELS.control, ["control"]),
    heartbeat: toChannel(CHANNELS.heartbeat, ["heartbeat"]),
    dead_letter: toChannel(CHANNELS.deadLetter, ["dead_letter"]),
  };
  return {
    asyncapi: "3.1.0",
    info,
    defaultContentType: "application/json",
    servers: { nats: { host: "localhost:4222", protocol: "nats", description: "NATS with JetStream; NATS_URL says where." } },
    channels,
    operations: {
      tell_events: { ...toOperation("send", "event"), summary: "Every stored event, as it is published." },
      tell_log: { ...toOperation("send", "log"), summary: "Every stored event, once it is stored." },
      tell_live: { ...toOperation("send", "live"), summary: "What happens between stored events." },
      activate: {
        ...toOperation("receive", "activate"),
        summary: "Starts a run.",
        reply: toReply("activated"),
        bindings: { nats: { queue: "activate", bindingVersion: "0.1.0" } },
      },
      answer: { ...toOperation("receive", "request"), summary: "Answers as the operator's definition says.", reply: toReply("answered") },
      wake: { ...toOperation("send", "activation"), summary: "Tells workers that a run can go on." },
      take: {
        ...toOperation("receive", "activation"),
        summary: "Workers take wake-ups, each operator's by the durable consumer op_{operator_id}.",
      },
      signal: { ...toOperation("send", "control"), summary: "Hurries whoever holds a run, or waits for it." },
      beat: { ...toOperation("send", "heartbeat"), summary: "Says who serves an operator." },
      put_aside: { ...toOperation("send", "dead_letter"), summary: "Keeps what came to nothing." },
    },
    components: {
      messages: Object.fromEntries(Object.entries(messages).map(([name, doc]) => [name, toMessage(name, doc, schemas)])),
      parameters: PARAMETERS,
      schemas,
    },
  };
}

function toChannel(doc: ChannelDoc, messages: readonly string[]): JsonSchema {
  return {
    address: addressOf(doc),
    title: doc.title,
    description: doc.description,
    parameters: Object.fromEntries(doc.parameters.map((name) => [name, { $ref: `#/components/parameters/${name}` }])),
    messages: toMessages(messages),
  };
}

/** Its address comes with the request. */
function toInbox(title: string, messages: readonly string[]): JsonSchema {
  return { address: null, title, description: "The inbox that the request names.", messages: toMessages(messages) };
}

function toMessages(names: readonly string[]): JsonSchema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

function toOperation(action: "send" | "receive", channel: string): JsonSchema {
  return { action, channel: { $ref: `#/channels/${channel}` } };
}

function toReply(channel: string): JsonSchema {
  return { channel: { $ref: `#/channels/${channel}` } };
}

function toMessage(name: string, { says, payload, headers }: MessageDoc, schemas: Record<string, unknown>): JsonSchema {
  const toSchema = (type: NonNullable<MessageDoc["payload"]>) => hoistInto(schemas, type, { target: "draft-7" });
  return {
    name,
    summary: says,
    ...(headers === undefined ? {} : { headers: toSchema(headers) }),
    ...(payload === undefined ? { contentType: "application/octet-stream" } : { payload: toSchema(payload) }),
  };
}

function mapValues<T, U>(entries: Entries<T>, to: (value: T) => U): Entries<U> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, to(value)]));
}
