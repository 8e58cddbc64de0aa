import { isOpenVibeError, type Logger } from "@openvibe/core";
import { type DestinationStream, pino, stdTimeFunctions } from "pino";
import { createScrubber, HIDDEN } from "./scrub.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Of the service: `gateway`, `worker`. */
  readonly name: string;
  /** Values that never appear in a line, wherever they come from: API keys, the store's URL. */
  readonly secrets?: readonly string[];
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

const SECRET_KEYS = [
  "authorization",
  "Authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "proxy-authorization",
  "api_key",
  "apiKey",
  "api_keys",
  "apiKeys",
  "password",
  "secret",
  "token",
  "database_url",
  "databaseUrl",
  "DATABASE_URL",
  "NATS_URL",
  "REDIS_URL",
  "OPENVIBE_API_KEYS",
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
];

const SECRET_PATHS = SECRET_KEYS.map((key) => (/^\w+$/.test(key) ? key : `["${key}"]`)).flatMap((key) => [
  key,
  ...["*", "*.*"].map((above) => (key.startsWith("[") ? `${above}${key}` : `${above}.${key}`)),
]);

/**
 * Structured logs: one JSON object a line, with `time`, `level` as a word, `name`, and the keys that are the same everywhere (`run_id`, `operator_id`,
 * `node_id`, `subject`). Keys that name a secret are hidden down to the third level; known secrets are hidden wherever they stand.
 */
export function createLogger({ level, name, secrets = [], destination }: LoggerOptions): Logger {
  const scrub = createScrubber(secrets);
  const options = {
    level,
    name,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: toLoggedError, error: toLoggedError },
    redact: { paths: SECRET_PATHS, censor: HIDDEN },
    hooks: { streamWrite: scrub },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const MAX_CAUSES = 4;

/** Code, sentence, stack and causes; not an error's other members, which may hold a run's data. */
function toLoggedError(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const vendorCode = (thrown as { readonly code?: unknown }).code;
  return {
    type: thrown.name,
    ...(isOpenVibeError(thrown) ? { code: thrown.code } : typeof vendorCode === "string" ? { code: vendorCode } : {}),
    message: thrown.message,
    stack: thrown.stack,
    ...(thrown.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: toLoggedError(thrown.cause, depth + 1) }),
  };
}
