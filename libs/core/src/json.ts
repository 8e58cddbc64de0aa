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
export function findJsonFault(value: unknown, pointer = ""): JsonFault | undefined {
  const fault = findFault(value, 0);
  return fault === undefined || pointer === "" ? fault : under(pointer, fault);
}

/** Its pointer begins at `value`: hardly ever is there one, so that the way is put together on the way back. */
function findFault(value: unknown, depth: number): JsonFault | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { pointer: "", kind: "not_json", detail: `${String(value)} is no JSON number` };
    case "object":
      break;
    default:
      return { pointer: "", kind: "not_json", detail: `a ${typeof value} is not JSON` };
  }
  if (value === null) return undefined;
  if (depth >= MAX_JSON_DEPTH) return { pointer: "", kind: "too_deep", detail: `nested deeper than ${MAX_JSON_DEPTH}, or a cycle` };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const fault = findFault(value[index], depth + 1);
      if (fault !== undefined) return under(`/${index}`, fault);
    }
    return undefined;
  }
  if (!isPlainObject(value)) {
    const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return {
      pointer: "",
      kind: "not_json",
      detail: `a ${typeof name === "string" && name !== "" ? name : "class instance"} is not plain JSON`,
    };
  }
  return findObjectFault(value, depth);
}

function findObjectFault(object: Record<string, unknown>, depth: number): JsonFault | undefined {
  const at = (key: string) => `/${pointerToken(key)}`;
  for (const key of Object.keys(object)) {
    if (RESERVED_KEYS.has(key)) return { pointer: at(key), kind: "reserved_key", detail: `the key ${JSON.stringify(key)} is reserved` };
    const entry = object[key];
    if (entry === undefined) continue;
    if (key === "lc" && (typeof entry === "number" || typeof entry === "string") && "type" in object) {
      return {
        pointer: at(key),
        kind: "reserved_key",
        detail: `an object with "lc" and "type" is reserved: it is LangChain's mark for revived objects`,
      };
    }
    const fault = findFault(entry, depth + 1);
    if (fault !== undefined) return under(at(key), fault);
  }
  return undefined;
}

function under(pointer: string, fault: JsonFault): JsonFault {
  return { ...fault, pointer: `${pointer}${fault.pointer}` };
}
