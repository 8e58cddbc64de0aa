import { OpenVibeError, type ProblemCode } from "./problems.ts";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
/** A JSON Schema (draft 2020-12) as data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export const MAX_JSON_DEPTH = 64;
const RESERVED_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** Escapes one token of a JSON pointer (RFC 6901). */
export function pointerToken(key: string | number): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

export interface JsonFault {
  readonly pointer: string;
  readonly detail: string;
  readonly kind: "reserved_key" | "too_deep" | "not_json";
}

/**
 * Finds what cannot be kept as plain JSON: `Date`, `Map`, class instances, functions, `BigInt`, `NaN`, `Infinity`, cycles, nesting above 64,
 * the keys `__proto__`, `constructor`, `prototype`, and objects tagged as LangChain's (`{"lc": …}`), which a serializer could revive.
 * `undefined` as a property counts as not given.
 */
export function findJsonFault(value: unknown, pointer = "", depth = 0): JsonFault | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { pointer, kind: "not_json", detail: `${String(value)} is no JSON number` };
    case "object":
      break;
    default:
      return { pointer, kind: "not_json", detail: `a ${typeof value} is not JSON` };
  }
  if (value === null) return undefined;
  if (depth >= MAX_JSON_DEPTH) return { pointer, kind: "too_deep", detail: `nested deeper than ${MAX_JSON_DEPTH}, or a cycle` };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const fault = findJsonFault(value[index], `${pointer}/${index}`, depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (!isPlainObject(value)) {
    const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return {
      pointer,
      kind: "not_json",
      detail: `a ${typeof name === "string" && name !== "" ? name : "class instance"} is not plain JSON`,
    };
  }
  return findObjectFault(value, pointer, depth);
}

function findObjectFault(object: Record<string, unknown>, pointer: string, depth: number): JsonFault | undefined {
  for (const key of Object.keys(object)) {
    const at = `${pointer}/${pointerToken(key)}`;
    if (RESERVED_KEYS.has(key)) return { pointer: at, kind: "reserved_key", detail: `the key ${JSON.stringify(key)} is reserved` };
    const entry = object[key];
    if (entry === undefined) continue;
    if (key === "lc" && (typeof entry === "number" || typeof entry === "string") && "type" in object) {
      return {
        pointer: at,
        kind: "reserved_key",
        detail: `an object with "lc" and "type" is reserved: it is LangChain's mark for revived objects`,
      };
    }
    const fault = findJsonFault(entry, at, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const FAULT_CODES: Record<JsonFault["kind"], ProblemCode> = {
  reserved_key: "OV_RESERVED_KEY",
  too_deep: "OV_TOO_DEEP",
  not_json: "OV_JSON_INVALID",
};

/**
 * Parses JSON that came from outside: like `JSON.parse`, and refuses duplicate keys, nesting above 64, reserved keys.
 * @throws OpenVibeError OV_JSON_INVALID, OV_DUPLICATE_KEY, OV_TOO_DEEP, OV_RESERVED_KEY
 */
export function parseStrictJson(text: string, what: string): JsonValue {
  checkDepth(text, what);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new OpenVibeError(
      "OV_JSON_INVALID",
      `${what} is not valid JSON: ${cause instanceof Error ? cause.message : "cannot be parsed"}`,
      { cause },
    );
  }
  checkDuplicateKeys(text, what);
  const fault = findJsonFault(value);
  if (fault !== undefined) {
    throw new OpenVibeError(FAULT_CODES[fault.kind], `${what} at ${fault.pointer === "" ? "its top" : fault.pointer}: ${fault.detail}`, {
      errors: [fault].map(({ pointer, detail }) => ({ pointer, detail })),
    });
  }
  return value;
}

function checkDepth(text: string, what: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 92) i++;
      else if (char === 34) inString = false;
    } else if (char === 34) inString = true;
    else if (char === 123 || char === 91) {
      if (++depth > MAX_JSON_DEPTH)
        throw new OpenVibeError("OV_TOO_DEEP", `${what} is nested deeper than ${MAX_JSON_DEPTH} levels (offset ${i})`);
    } else if (char === 125 || char === 93) depth--;
  }
}

/** Walks valid JSON text with a stack of the open objects' keys. */
function checkDuplicateKeys(text: string, what: string): void {
  const open: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 34) {
      const start = i++;
      while (text.charCodeAt(i) !== 34) i += text.charCodeAt(i) === 92 ? 2 : 1;
      const keys = open.at(-1);
      if (expectKey && keys) {
        const key = JSON.parse(text.slice(start, i + 1)) as string;
        if (keys.has(key))
          throw new OpenVibeError("OV_DUPLICATE_KEY", `${what} has the key ${JSON.stringify(key)} twice in one object (offset ${start})`, {
            errors: [{ pointer: `/${pointerToken(key)}`, detail: "given twice" }],
          });
        keys.add(key);
        expectKey = false;
      }
    } else if (char === 123) {
      open.push(new Set());
      expectKey = true;
    } else if (char === 91) {
      open.push(null);
      expectKey = false;
    } else if (char === 125 || char === 93) {
      open.pop();
      expectKey = false;
    } else if (char === 44) expectKey = open.at(-1) !== null;
  }
}

/** The same text for the same value, whatever the order of keys: for fingerprints and version hashes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
