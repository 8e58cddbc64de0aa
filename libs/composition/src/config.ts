import { OpenVibeError } from "@openvibe/core";
import type { ApiKey } from "@openvibe/http";
import type { HookSource } from "@openvibe/http/hook-source";
import { findTargetFault, type OwnAliases } from "@openvibe/llm";
import { type ReadConfigFile, readConfigFile } from "./config-file.ts";
import { CONFIG_VARIABLE, type Environment, type Overrides, readSettings } from "./environment.ts";
import { rowOf, type SettingValues, type Variable } from "./settings.ts";

export interface Config {
  readonly bus:
    | { readonly kind: "memory" }
    | { readonly kind: "nats"; readonly servers: readonly string[]; readonly replicas: number }
    | { readonly kind: "redis"; readonly url: string; readonly namespace: string };
  readonly store:
    | { readonly kind: "sqlite"; readonly path: string }
    | { readonly kind: "postgres"; readonly url: string; readonly schema: string };
  readonly llm: ({ readonly kind: "echo" } | { readonly kind: "anthropic"; readonly apiKey: string; readonly baseUrl?: string }) & {
    /** What aliases stand for instead of our own choice. */
    readonly aliases?: OwnAliases;
  };
  readonly host: string;
  readonly port: number;
  /** Where probes and metrics stand, when not on the main port. */
  readonly ops: { readonly host: string; readonly port: number } | undefined;
  /** Needed for any bind that is not loopback. */
  readonly apiKeys: readonly ApiKey[] | undefined;
  /** What a server lets in besides. */
  readonly http: {
    /** Whose pages may call from a browser; `*` = all, none when absent. */
    readonly corsOrigins: readonly string[] | undefined;
    /** Of one key, or of one address without a key; any number when absent. */
    readonly requestsPerMinute: number | undefined;
  };
  readonly relayUrl: string | undefined;
  readonly webhooks: {
    /** Whose webhooks are taken, by source. */
    readonly sources: Readonly<Record<string, HookSource>>;
    readonly publicUrl: string | undefined;
    /** Where webhooks may be sent besides the public internet. */
    readonly allow: readonly string[] | undefined;
    /** Nobody but this machine reaches the server, and nobody needs a key: webhooks may go to loopback, and come unsigned. */
    readonly open: boolean;
  };
  readonly operatorFiles: readonly string[];
  readonly handlerFiles: readonly string[];
  /** Whether operators that came over HTTP are served beside those of the files, in their place, or not. */
  readonly postedOperators: "also" | "only" | "none";
  /** Ids to serve; all that were found when absent. */
  readonly operators: readonly string[] | undefined;
  readonly slotsPerOperator: number | undefined;
  /** Queued runs per operator, beyond which activations are refused. */
  readonly maxBacklog: number;
  /** Whether new runs are handed to workers that have room. */
  readonly eagerStart: boolean;
  readonly drainTimeoutMs: number | undefined;
  readonly maxBlockedMs: number | undefined;
  readonly graphForm: "segments" | "nodes";
  /** Whether each step's patch is kept; where nothing is said, only in `openvibe dev`. */
  readonly history: boolean | undefined;
  /** What starts runs by the clock; where nothing is said, `cron` in `openvibe serve` and the scheduler's own process, `none` elsewhere. */
  readonly scheduler: "none" | "cron" | undefined;
  readonly keepRunsMs: number;
  readonly logLevel: string;
}

/** What stands behind flags and environment. */
export interface ConfigSources {
  readonly file?: ReadConfigFile | undefined;
  /** What the program itself says (`configure`), where nothing else does. */
  readonly defaults?: ReadConfigFile | undefined;
}

/**
 * Reads the configuration: overrides before environment before file before the program's defaults before ours.
 * @throws OpenVibeError OV_CONFIG_INVALID naming everything that is wrong and what is allowed, never a value
 */
export function parseConfig(env: Environment, overrides: Overrides = {}, { file, defaults }: ConfigSources = {}): Config {
  const read = readSettings({ env, overrides, file, defaults });
  const wrong = refusalIn(file);
  const { OPENVIBE_HOST: host, OPENVIBE_PORT: port, OPENVIBE_OPS_PORT: opsPort } = read;
  if (!isLoopback(host) && read.OPENVIBE_API_KEYS === undefined) {
    throw wrong(
      `OPENVIBE_HOST ${host} can be reached from other machines: set OPENVIBE_API_KEYS (one or more keys, separated by commas), or bind to 127.0.0.1`,
      ["OPENVIBE_HOST", "OPENVIBE_API_KEYS"],
    );
  }
  if (opsPort !== undefined && opsPort === port && port !== 0)
    throw wrong(`OPENVIBE_OPS_PORT is ${opsPort}, which is OPENVIBE_PORT as well: choose another, or leave it out to serve all on one`, [
      "OPENVIBE_OPS_PORT",
      "OPENVIBE_PORT",
    ]);
  return {
    bus: busOf(read, wrong),
    store: storeOf(read, wrong),
    llm: llmOf(read, wrong),
    host,
    port,
    ops: opsPort === undefined ? undefined : { host: read.OPENVIBE_OPS_HOST ?? host, port: opsPort },
    apiKeys: read.OPENVIBE_API_KEYS,
    http: { corsOrigins: read.OPENVIBE_CORS_ORIGINS, requestsPerMinute: read.OPENVIBE_RATE_LIMIT },
    relayUrl: read.OPENVIBE_RELAY_URL,
    webhooks: {
      sources: read.OPENVIBE_HOOKS ?? {},
      publicUrl: read.OPENVIBE_PUBLIC_URL,
      allow: read.OPENVIBE_WEBHOOKS_ALLOW,
      open: isLoopback(host) && read.OPENVIBE_API_KEYS === undefined,
    },
    operatorFiles: read.OPENVIBE_OPERATOR_FILES ?? [],
    handlerFiles: read.OPENVIBE_HANDLER_FILES ?? [],
    postedOperators: read.OPENVIBE_POSTED_OPERATORS,
    operators: read.OPENVIBE_OPERATORS,
    slotsPerOperator: read.OPENVIBE_SLOTS,
    maxBacklog: read.OPENVIBE_MAX_BACKLOG,
    eagerStart: read.OPENVIBE_EAGER_START,
    drainTimeoutMs: read.OPENVIBE_DRAIN_TIMEOUT_MS,
    maxBlockedMs: read.OPENVIBE_MAX_BLOCKED_MS,
    graphForm: read.OPENVIBE_GRAPH_FORM,
    history: read.OPENVIBE_HISTORY,
    scheduler: read.OPENVIBE_SCHEDULER,
    keepRunsMs: read.OPENVIBE_KEEP_RUNS,
    logLevel: read.OPENVIBE_LOG_LEVEL,
  };
}

/** `parseConfig` with the file that `OPENVIBE_CONFIG` names, else the `openvibe.config.*` of the working folder. @throws OpenVibeError OV_CONFIG_INVALID */
export async function loadConfig(
  env: Environment,
  overrides: Overrides = {},
  { cwd = process.cwd(), defaults }: { readonly cwd?: string; readonly defaults?: ReadConfigFile | undefined } = {},
): Promise<Config> {
  const named = overrides[CONFIG_VARIABLE] ?? env[CONFIG_VARIABLE];
  return parseConfig(env, overrides, { defaults, file: await readConfigFile(cwd, named === "" ? undefined : named) });
}

/** `NATS_URL` alone means nats, `REDIS_URL` alone redis. */
function busOf(read: SettingValues, wrong: Refusal): Config["bus"] {
  const { NATS_URL: servers, REDIS_URL: url } = read;
  if (read.OPENVIBE_BUS === undefined && servers !== undefined && url !== undefined)
    throw wrong("NATS_URL and REDIS_URL are both set: say which one carries the bus with OPENVIBE_BUS, nats or redis", [
      "OPENVIBE_BUS",
      "NATS_URL",
      "REDIS_URL",
    ]);
  const kind = read.OPENVIBE_BUS ?? (servers !== undefined ? "nats" : url !== undefined ? "redis" : "memory");
  if (kind === "memory") return { kind };
  if (kind === "redis") {
    if (url === undefined) throw wrong("OPENVIBE_BUS is redis, which needs REDIS_URL", ["OPENVIBE_BUS", "REDIS_URL"]);
    return { kind, url, namespace: read.OPENVIBE_NAMESPACE };
  }
  if (servers === undefined) {
    const what = "OPENVIBE_BUS is nats, which needs NATS_URL (one address, or several separated by commas)";
    throw wrong(what, ["OPENVIBE_BUS", "NATS_URL"]);
  }
  return { kind, servers, replicas: read.OPENVIBE_NATS_REPLICAS };
}

/** `DATABASE_URL` alone means postgres. */
function storeOf(read: SettingValues, wrong: Refusal): Config["store"] {
  const kind = read.OPENVIBE_STORE ?? (read.DATABASE_URL === undefined ? "sqlite" : "postgres");
  if (kind === "memory") return { kind: "sqlite", path: ":memory:" };
  if (kind === "sqlite") return { kind, path: read.OPENVIBE_SQLITE_PATH };
  if (read.DATABASE_URL === undefined)
    throw wrong("OPENVIBE_STORE is postgres, which needs DATABASE_URL", ["OPENVIBE_STORE", "DATABASE_URL"]);
  return { kind, url: read.DATABASE_URL, schema: read.OPENVIBE_NAMESPACE };
}

function llmOf(read: SettingValues, wrong: Refusal): Config["llm"] {
  const kind = read.OPENVIBE_LLM ?? (read.ANTHROPIC_API_KEY === undefined ? "echo" : "anthropic");
  const aliases = aliasesOf(read, kind, wrong);
  if (kind === "echo") return { kind, ...aliases };
  const { ANTHROPIC_API_KEY: apiKey, OPENVIBE_LLM_BASE_URL: baseUrl } = read;
  if (apiKey === undefined) throw wrong("OPENVIBE_LLM is anthropic, which needs ANTHROPIC_API_KEY", ["OPENVIBE_LLM", "ANTHROPIC_API_KEY"]);
  return { kind, apiKey, ...(baseUrl === undefined ? {} : { baseUrl }), ...aliases };
}

/** Whatever process reads them: a gateway asks no model, and must not be the one that is right. */
function aliasesOf({ OPENVIBE_MODEL_ALIASES: aliases, OPENVIBE_LLM_BASE_URL: baseUrl }: SettingValues, provider: string, wrong: Refusal) {
  if (aliases === undefined) return {};
  for (const [alias, target] of Object.entries(aliases)) {
    const fault = findTargetFault(target, { provider, elsewhere: baseUrl !== undefined });
    if (fault !== undefined) throw wrong(`OPENVIBE_MODEL_ALIASES: what ${alias} stands for ${fault}`, ["OPENVIBE_MODEL_ALIASES"]);
  }
  return { aliases };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

type Refusal = (message: string, variables: readonly Variable[]) => OpenVibeError;

/** Two settings that do not go together may stand anywhere: where there is a file, it tells their names there, too. */
function refusalIn(file: ReadConfigFile | undefined): Refusal {
  return (message, variables) => {
    const keys = variables.map((variable) => rowOf(variable).key).join(", ");
    return new OpenVibeError("OV_CONFIG_INVALID", file === undefined ? message : `${message} (in ${file.name}: ${keys})`);
  };
}
