import type { Logger } from "@openvibe/core";
import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from "pino";
import { toLogFields } from "./log-fields.ts";
import { prettily } from "./pretty.ts";
import { createKnownScrubber } from "./scrub.ts";
import { hideShapes } from "./secret-shapes.ts";
import { VERSION } from "./version.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Of the service: `gateway`, `worker`. */
  readonly name: string;
  /** Of OpenVibe; this package's by default, since all are published together. */
  readonly version?: string;
  /** Values that never appear in a line, wherever they come from: API keys, the store's URL. */
  readonly secrets?: readonly string[];
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
  /** Lines for people instead of JSON: for a terminal, in `dev` only. */
  readonly pretty?: boolean;
}

/**
 * Structured logs: one JSON object a line, with `time`, `level` as a word, `service`, `version`, and keys that are the same everywhere
 * (`LOG_KEYS`); what has another key stands under `data`. Known secrets, what is called a secret and what looks like one are hidden wherever they stand.
 */
export function createLogger({ level, name, version = VERSION, secrets = [], destination, pretty = false }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service: name, version, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (told: unknown) => told }, // `toLogFields` has done it; pino's own would add what an error carries
    hooks: { streamWrite: createKnownScrubber(secrets) },
  };
  const plain = destination ?? (pretty ? process.stdout : undefined);
  const logger = plain === undefined ? pino(options) : pino(options, pretty ? prettily(plain) : plain);
  return withFields(logger, {});
}

/** A child holds its fields itself: pino would write a key that the line has too a second time. */
function withFields(logger: PinoLogger, own: object): Logger {
  const log = (level: "debug" | "info" | "warn" | "error") => (fields: object, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](toLogFields({ ...own, ...fields }), hideShapes(message));
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    child: (fields) => withFields(logger, { ...own, ...fields }),
  };
}
