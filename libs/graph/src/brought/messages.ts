/** LangChain's messages as fields, and back. Only these classes, and only the fields named here: nothing that lies in a checkpoint chooses what is made. */
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  ChatMessage,
  ChatMessageChunk,
  FunctionMessage,
  FunctionMessageChunk,
  HumanMessage,
  HumanMessageChunk,
  RemoveMessage,
  SystemMessage,
  SystemMessageChunk,
  ToolMessage,
  ToolMessageChunk,
} from "@langchain/core/messages";

type MessageClass = new (fields: never) => BaseMessage;

const CLASSES = {
  human: HumanMessage,
  human_chunk: HumanMessageChunk,
  ai: AIMessage,
  ai_chunk: AIMessageChunk,
  system: SystemMessage,
  system_chunk: SystemMessageChunk,
  tool: ToolMessage,
  tool_chunk: ToolMessageChunk,
  function: FunctionMessage,
  function_chunk: FunctionMessageChunk,
  generic: ChatMessage,
  generic_chunk: ChatMessageChunk,
  remove: RemoveMessage,
} as const satisfies Record<string, MessageClass>;

type MessageName = keyof typeof CLASSES;

const FIELDS = [
  "id",
  "name",
  "content",
  "additional_kwargs",
  "response_metadata",
  "tool_calls",
  "invalid_tool_calls",
  "tool_call_chunks",
  "usage_metadata",
  "tool_call_id",
  "status",
  "artifact",
  "metadata",
  "role",
] as const;

export interface MessageFields {
  readonly name: MessageName;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A message's name and fields, `undefined` for what is none. By its shape: the graph may have been built with another copy of LangChain than ours. */
export function findMessage(value: object): MessageFields | undefined {
  const message = value as { readonly getType?: unknown; readonly _getType?: unknown; readonly type?: unknown };
  if (typeof message._getType !== "function" && typeof message.getType !== "function") return undefined;
  const className = (value.constructor as { readonly lc_name?: () => string }).lc_name?.();
  const name = `${String(message.type)}${className?.endsWith("Chunk") === true ? "_chunk" : ""}`;
  if (!isMessageName(name)) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  return { name, fields: Object.fromEntries(FIELDS.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]]))) };
}

export function isMessageName(name: unknown): name is MessageName {
  return typeof name === "string" && Object.hasOwn(CLASSES, name);
}

export function toMessage({ name, fields }: MessageFields): BaseMessage {
  const Message: MessageClass = CLASSES[name];
  return new Message(
    Object.fromEntries(FIELDS.filter((field) => Object.hasOwn(fields, field)).map((field) => [field, fields[field]])) as never,
  );
}
