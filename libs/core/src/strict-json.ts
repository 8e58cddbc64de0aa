import { findJsonFault, type JsonFault, type JsonValue, MAX_JSON_DEPTH, pointerToken } from "./json.ts";
import { OpenVibeError, type ProblemCode } from "./problems.ts";

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
    const { kind, pointer, detail } = fault;
    throw new OpenVibeError(FAULT_CODES[kind], `${what} at ${pointer === "" ? "its top" : pointer}: ${detail}`, {
      errors: [{ pointer, detail }],
    });
  }
  return value;
}

const QUOTE = 34;
const COMMA = 44;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Before the parser, which recurses: text that is no JSON may come here too. */
function checkDepth(text: string, what: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === BACKSLASH) i++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === OPEN_OBJECT || char === OPEN_LIST) {
      if (++depth > MAX_JSON_DEPTH)
        throw new OpenVibeError("OV_TOO_DEEP", `${what} is nested deeper than ${MAX_JSON_DEPTH} levels (offset ${i})`);
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) depth--;
  }
}

/** An object or list that is open at some place of the text. */
interface Open {
  /** Keys so far; `null` in a list. */
  readonly keys: Set<string> | null;
  /** The entry the walk is in: its key or index. */
  at: string | number;
}

/** Walks valid JSON text with a stack of what is open. */
function checkDuplicateKeys(text: string, what: string): void {
  const open: Open[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const start = i++;
      while (text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
      const inner = open.at(-1);
      if (!expectKey || !inner?.keys) continue;
      const written = text.slice(start + 1, i);
      const key = written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;
      inner.at = key;
      if (inner.keys.has(key)) throw duplicateKey(open, `${what} has the key ${JSON.stringify(key)} twice in one object (offset ${start})`);
      inner.keys.add(key);
      expectKey = false;
    } else if (char === OPEN_OBJECT) {
      open.push({ keys: new Set(), at: "" });
      expectKey = true;
    } else if (char === OPEN_LIST) {
      open.push({ keys: null, at: 0 });
      expectKey = false;
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) {
      open.pop();
      expectKey = false;
    } else if (char === COMMA) {
      const inner = open.at(-1);
      if (typeof inner?.at === "number") inner.at++;
      else expectKey = true;
    }
  }
}

function duplicateKey(open: readonly Open[], message: string): OpenVibeError {
  const pointer = open.map(({ at }) => `/${pointerToken(at)}`).join("");
  return new OpenVibeError("OV_DUPLICATE_KEY", message, { errors: [{ pointer, detail: "given twice" }] });
}
