/**
 * Values of a graph's state as JSON text, and back: what JSON cannot hold carries a tag, what cannot be kept is refused with its path. An object that
 * looks like a tag is itself put under one, so that no data of a user's, a model's or a webhook's ever becomes anything but what it was.
 */
import { Document } from "@langchain/core/documents";
import { DeltaSnapshot, type SerializerProtocol } from "@langchain/langgraph-checkpoint";
import { isPlainObject, type JsonValue, OpenVibeError } from "@openvibe/core";
import { findMessage, isMessageName, toMessage } from "./messages.ts";

/** The key that makes an object a tagged value. */
const TAG = "$";
/** The deepest nesting; a circle is deeper. */
const MAX_DEPTH = 500;

type Stored = JsonValue;
type StoredObject = { readonly [key: string]: Stored };

/** `what` begins the path in errors. @throws OpenVibeError OV_PATCH_INVALID */
export function dumpValue(value: unknown, what: string): string {
  return JSON.stringify(toStored(value, what, 0));
}

export function loadValue(text: string): unknown {
  return fromStored(JSON.parse(text) as Stored);
}

/** The same for whoever asks a saver for its serializer. */
export const strictSerde: SerializerProtocol = {
  dumpsTyped: async (value: unknown) => ["json", new TextEncoder().encode(dumpValue(value, "value"))],
  loadsTyped: async (_type: string, data: Uint8Array | string) =>
    loadValue(typeof data === "string" ? data : new TextDecoder().decode(data)),
};

function toStored(value: unknown, path: string, depth: number): Stored {
  if (depth > MAX_DEPTH) throw refused(`${path.slice(0, 200)}…`, `is nested deeper than ${MAX_DEPTH} levels, or in a circle`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [TAG]: "number", value: Object.is(value, -0) ? "-0" : String(value) };
    case "undefined":
      return { [TAG]: "undefined" };
    case "bigint":
      return { [TAG]: "bigint", value: String(value) };
    case "object":
      return value === null ? null : toStoredObject(value, path, depth);
    default:
      throw refused(path, `a ${typeof value} cannot be kept`);
  }
}

function toStoredObject(value: object, path: string, depth: number): Stored {
  const inner = (entry: unknown, key: string | number) =>
    toStored(entry, typeof key === "number" ? `${path}[${key}]` : `${path}.${key}`, depth + 1);
  const tagged = (tag: string, given: unknown) => ({ [TAG]: tag, value: inner(given, `<${tag}>`) });
  if (Array.isArray(value)) return Array.from(value, inner);
  if (isPlainObject(value) || Object.getPrototypeOf(value) === null) {
    const entries = Object.entries(value).map(([key, entry]) => [key, inner(entry, key)] as const);
    return Object.hasOwn(value, TAG) ? { [TAG]: "object", value: entries } : Object.fromEntries(entries);
  }
  if (value instanceof Date) return { [TAG]: "date", value: Number.isNaN(value.getTime()) ? null : value.getTime() };
  if (value instanceof Map) return tagged("map", [...value]);
  if (value instanceof Set) return tagged("set", [...value]);
  if (value instanceof RegExp) return { [TAG]: "regexp", value: [value.source, value.flags] };
  if (value instanceof URL) return { [TAG]: "url", value: value.href };
  if (value instanceof Uint8Array)
    return { [TAG]: Buffer.isBuffer(value) ? "buffer" : "bytes", value: Buffer.from(value).toString("base64") };
  if (value instanceof Error) return { [TAG]: "error", value: [value.name, value.message] };
  if (isDocument(value)) return tagged("document", { id: value.id, pageContent: value.pageContent, metadata: value.metadata });
  const message = findMessage(value);
  if (message !== undefined) return { [TAG]: "message", name: message.name, value: inner(message.fields, `<${message.name} message>`) };
  switch ((value as { readonly lg_name?: unknown }).lg_name) {
    case "DeltaSnapshot":
      return tagged("delta", (value as DeltaSnapshot).value);
    case "Send": // LangGraph knows both again by their shape
    case "Overwrite":
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, entry]) => (key === "lg_name" || entry === undefined ? [] : [[key, inner(entry, key)]])),
      );
    default:
      throw refused(
        path,
        `a ${value.constructor?.name ?? "class instance"} cannot be kept; keep plain data, and make the rest in the node that needs it`,
      );
  }
}

function fromStored(stored: Stored): unknown {
  if (typeof stored !== "object" || stored === null) return stored;
  if (Array.isArray(stored)) return stored.map(fromStored);
  const object = stored as StoredObject;
  if (Object.hasOwn(object, TAG)) return fromTagged(object);
  // A key `__proto__` stays a key.
  return Object.fromEntries(Object.entries(object).map(([key, entry]) => [key, fromStored(entry)]));
}

function fromTagged({ [TAG]: tag, name, value = null }: StoredObject): unknown {
  switch (tag) {
    case "undefined":
      return undefined;
    case "number":
      return Number(value);
    case "bigint":
      return BigInt(value as string);
    case "object":
      return Object.fromEntries((value as readonly (readonly [string, Stored])[]).map(([key, entry]) => [key, fromStored(entry)]));
    case "date":
      return new Date(value === null ? Number.NaN : (value as number));
    case "map":
      return new Map(fromStored(value) as readonly (readonly [unknown, unknown])[]);
    case "set":
      return new Set(fromStored(value) as readonly unknown[]);
    case "regexp": {
      const [source, flags] = value as readonly [string, string];
      return new RegExp(source, flags);
    }
    case "url":
      return new URL(value as string);
    case "buffer":
      return Buffer.from(value as string, "base64");
    case "bytes":
      return new Uint8Array(Buffer.from(value as string, "base64"));
    case "error": {
      const [errorName, message] = value as readonly [string, string];
      return Object.assign(new Error(message), { name: errorName });
    }
    case "message":
      if (isMessageName(name)) return toMessage({ name, fields: fromStored(value) as Readonly<Record<string, unknown>> });
      break;
    case "document":
      return new Document(fromStored(value) as ConstructorParameters<typeof Document>[0]);
    case "delta":
      return new DeltaSnapshot(fromStored(value));
  }
  throw new OpenVibeError(
    "OV_RUN_UNSTORABLE",
    `a checkpoint holds a value tagged ${JSON.stringify(tag)}, which this version does not know`,
  );
}

/** By its shape, as messages are. */
function isDocument(value: object): value is Document {
  return "pageContent" in value && typeof value.pageContent === "string" && "metadata" in value && value.constructor?.name === "Document";
}

function refused(path: string, why: string): OpenVibeError {
  return new OpenVibeError("OV_PATCH_INVALID", `graph state at ${path}: ${why}`);
}
