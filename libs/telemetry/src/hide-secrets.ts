import { toLoggedError } from "./logged-error.ts";
import { HIDDEN, hideShapes } from "./secret-shapes.ts";

/** Names of what is a secret whatever it holds; `tokens_in` and `idempotency_key` are none. */
const SECRET_NAME =
  /authorization$|cookie$|api[-_]?keys?$|password|passwd|secret|(^|[-_.a-z])token$|Token$|credentials?$|private[-_]?key|(database|nats|redis)[-_]?url$/i;
const MAX_DEPTH = 10;

/** A copy as it may be told: without what is called a secret, and what looks like one, at any depth. Errors become what is told of them. */
export function hideSecrets(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === "string") return hideShapes(value);
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[circular]";
  if (above.length > MAX_DEPTH) return "[deeper]";
  const path = [...above, value];
  if (value instanceof Error) return hideSecrets(toLoggedError(value), path);
  if (Array.isArray(value)) return value.map((entry) => hideSecrets(entry, path));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return hideSecrets(toJSON.call(value), path);
  const entries = value instanceof Map ? [...value].map(([key, entry]) => [String(key), entry] as const) : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, SECRET_NAME.test(key) && !isEmpty(entry) ? HIDDEN : hideSecrets(entry, path)]),
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
