import { isId, OpenVibeError, parseDuration } from "@openvibe/core";
import { z } from "zod";

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);
const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((n) => n >= least && n <= most, { error: `must be from ${least} to ${most}` });
const ms = z.string().regex(/^\d+$/, { error: "must be milliseconds, a whole number" }).transform(Number);

/** One row per variable: what the environment may say. An empty text counts as not given. */
const Environment = z.object({
  OPENVIBE_BUS: z.enum(["memory", "nats"]).optional(),
  OPENVIBE_STORE: z.enum(["memory", "sqlite", "postgres"]).optional(),
  OPENVIBE_LLM: z.enum(["anthropic", "echo"]).optional(),
  OPENVIBE_LLM_BASE_URL: url("http:", "https:").optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  NATS_URL: z.string().optional(),
  OPENVIBE_NATS_REPLICAS: count(1, 5).optional(),
  DATABASE_URL: url("postgres:", "postgresql:").optional(),
  OPENVIBE_SQLITE_PATH: z.string().optional(),
  OPENVIBE_NAMESPACE: z.string().refine(isId, { error: "must be an id of a-z, 0-9, _ and -" }).optional(),
  OPENVIBE_HOST: z.string().optional(),
  OPENVIBE_PORT: count(0, 65_535).optional(),
  OPENVIBE_API_KEYS: list.optional(),
  OPENVIBE_RELAY_URL: url("http:", "https:").optional(),
  OPENVIBE_OPERATOR_FILES: list.optional(),
  OPENVIBE_OPERATORS: list.optional(),
  OPENVIBE_SLOTS: count(1, 10_000).optional(),
  OPENVIBE_DRAIN_TIMEOUT_MS: ms.optional(),
  OPENVIBE_MAX_BLOCKED_MS: ms.optional(),
  OPENVIBE_GRAPH_FORM: z.enum(["segments", "nodes"]).optional(),
  OPENVIBE_KEEP_RUNS: z.string().optional(),
  OPENVIBE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).optional(),
});

export const VARIABLES = Object.keys(Environment.shape);

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

/** What flags of the command, or code, set over the environment; by the variable's name. */
export type Overrides = Readonly<Partial<Record<keyof z.input<typeof Environment>, string | undefined>>>;

/** Reads the configuration: overrides before environment before defaults. @throws OpenVibeError OV_CONFIG_INVALID naming every wrong variable, never its value */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, overrides: Overrides = {}): Config {
  const given = Object.fromEntries(
    VARIABLES.map((name) => [name, overrides[name as keyof Overrides] ?? env[name]]).filter(
      ([, value]) => value !== undefined && value !== "",
    ),
  );
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith("OPENVIBE_") && !VARIABLES.includes(name) && !name.startsWith("OPENVIBE_TEST_"),
  );
  const parsed = Environment.safeParse(given);
  const faults = [
    ...unknown.map((name) => `${name} is no variable of OpenVibe${nearest(name)}`),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)),
  ];
  if (!parsed.success || faults.length > 0) throw new OpenVibeError("OV_CONFIG_INVALID", faults.join("; "));
  const read = parsed.data;
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
    keepRunsMs: parseDuration((read.OPENVIBE_KEEP_RUNS ?? "30d") as `${number}d`, "OPENVIBE_KEEP_RUNS"),
    logLevel: read.OPENVIBE_LOG_LEVEL ?? "info",
  };
}

type Read = z.output<typeof Environment>;

/** `NATS_URL` alone means nats. */
function busOf(read: Read): Config["bus"] {
  const kind = read.OPENVIBE_BUS ?? (read.NATS_URL === undefined ? "memory" : "nats");
  if (kind === "memory") return { kind };
  if (read.NATS_URL === undefined)
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      "OPENVIBE_BUS is nats, which needs NATS_URL (one address, or several separated by commas)",
    );
  return { kind, servers: read.NATS_URL.split(",").map((server) => server.trim()), replicas: read.OPENVIBE_NATS_REPLICAS ?? 1 };
}

/** `DATABASE_URL` alone means postgres. */
function storeOf(read: Read): Config["store"] {
  const kind = read.OPENVIBE_STORE ?? (read.DATABASE_URL === undefined ? "sqlite" : "postgres");
  if (kind === "memory") return { kind: "sqlite", path: ":memory:" };
  if (kind === "sqlite") return { kind, path: read.OPENVIBE_SQLITE_PATH ?? ".openvibe/openvibe.db" };
  if (read.DATABASE_URL === undefined) throw new OpenVibeError("OV_CONFIG_INVALID", "OPENVIBE_STORE is postgres, which needs DATABASE_URL");
  return { kind, url: read.DATABASE_URL, schema: read.OPENVIBE_NAMESPACE ?? "openvibe" };
}

function llmOf(read: Read): Config["llm"] {
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

function nearest(name: string): string {
  const best = VARIABLES.map((known) => ({ known, distance: distance(name, known) })).toSorted((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= 4 ? `; did you mean ${best.known}?` : "";
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
