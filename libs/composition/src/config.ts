import { OpenVibeError } from "@openvibe/core";
import { type Environment, type Overrides, readEnvironment } from "./environment.ts";

const DAY_MS = 86_400_000;

export interface Config {
  readonly bus: { readonly kind: "memory" } | { readonly kind: "nats"; readonly servers: readonly string[]; readonly replicas: number };
  readonly store:
    | { readonly kind: "sqlite"; readonly path: string }
    | { readonly kind: "postgres"; readonly url: string; readonly schema: string };
  readonly llm: { readonly kind: "echo" } | { readonly kind: "anthropic"; readonly apiKey: string; readonly baseUrl?: string };
  readonly host: string;
  readonly port: number;
  /** Needed for any bind that is not loopback. */
  readonly apiKeys: readonly string[] | undefined;
  readonly relayUrl: string | undefined;
  readonly operatorFiles: readonly string[];
  /** Ids to serve; all that were found when absent. */
  readonly operators: readonly string[] | undefined;
  readonly slotsPerOperator: number | undefined;
  readonly drainTimeoutMs: number | undefined;
  readonly maxBlockedMs: number | undefined;
  readonly graphForm: "segments" | "nodes";
  readonly keepRunsMs: number;
  readonly logLevel: string;
}

/**
 * Reads the configuration: overrides before environment before defaults.
 * @throws OpenVibeError OV_CONFIG_INVALID naming every wrong variable and what is allowed, never its value
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, overrides: Overrides = {}): Config {
  const read = readEnvironment(env, overrides);
  const host = read.OPENVIBE_HOST ?? "127.0.0.1";
  if (!isLoopback(host) && read.OPENVIBE_API_KEYS === undefined) {
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      `OPENVIBE_HOST ${host} can be reached from other machines: set OPENVIBE_API_KEYS (one or more keys, separated by commas), or bind to 127.0.0.1`,
    );
  }
  return {
    bus: busOf(read),
    store: storeOf(read),
    llm: llmOf(read),
    host,
    port: read.OPENVIBE_PORT ?? 8000,
    apiKeys: read.OPENVIBE_API_KEYS,
    relayUrl: read.OPENVIBE_RELAY_URL,
    operatorFiles: read.OPENVIBE_OPERATOR_FILES ?? [],
    operators: read.OPENVIBE_OPERATORS,
    slotsPerOperator: read.OPENVIBE_SLOTS,
    drainTimeoutMs: read.OPENVIBE_DRAIN_TIMEOUT_MS,
    maxBlockedMs: read.OPENVIBE_MAX_BLOCKED_MS,
    graphForm: read.OPENVIBE_GRAPH_FORM ?? "segments",
    keepRunsMs: read.OPENVIBE_KEEP_RUNS ?? 30 * DAY_MS,
    logLevel: read.OPENVIBE_LOG_LEVEL ?? "info",
  };
}

/** `NATS_URL` alone means nats. */
function busOf(read: Environment): Config["bus"] {
  const kind = read.OPENVIBE_BUS ?? (read.NATS_URL === undefined ? "memory" : "nats");
  if (kind === "memory") return { kind };
  if (read.NATS_URL === undefined)
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      "OPENVIBE_BUS is nats, which needs NATS_URL (one address, or several separated by commas)",
    );
  return { kind, servers: read.NATS_URL, replicas: read.OPENVIBE_NATS_REPLICAS ?? 1 };
}

/** `DATABASE_URL` alone means postgres. */
function storeOf(read: Environment): Config["store"] {
  const kind = read.OPENVIBE_STORE ?? (read.DATABASE_URL === undefined ? "sqlite" : "postgres");
  if (kind === "memory") return { kind: "sqlite", path: ":memory:" };
  if (kind === "sqlite") return { kind, path: read.OPENVIBE_SQLITE_PATH ?? ".openvibe/openvibe.db" };
  if (read.DATABASE_URL === undefined) throw new OpenVibeError("OV_CONFIG_INVALID", "OPENVIBE_STORE is postgres, which needs DATABASE_URL");
  return { kind, url: read.DATABASE_URL, schema: read.OPENVIBE_NAMESPACE ?? "openvibe" };
}

function llmOf(read: Environment): Config["llm"] {
  const kind = read.OPENVIBE_LLM ?? (read.ANTHROPIC_API_KEY === undefined ? "echo" : "anthropic");
  if (kind === "echo") return { kind };
  if (read.ANTHROPIC_API_KEY === undefined)
    throw new OpenVibeError("OV_CONFIG_INVALID", "OPENVIBE_LLM is anthropic, which needs ANTHROPIC_API_KEY");
  return {
    kind,
    apiKey: read.ANTHROPIC_API_KEY,
    ...(read.OPENVIBE_LLM_BASE_URL === undefined ? {} : { baseUrl: read.OPENVIBE_LLM_BASE_URL }),
  };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
