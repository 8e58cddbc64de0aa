import type { z } from "zod";
import { hookSources } from "./hook-sources.ts";
import { modelAliases } from "./model-aliases.ts";
import { apiKeys, duration, files, flag, id, list, ms, oneOf, path, type SettingType, url, whole, word } from "./setting-types.ts";

export interface Setting {
  /** Its name in `openvibe.config`: the variable's in camelCase, without OPENVIBE_, unless people would expect another. */
  readonly key: string;
  readonly type: SettingType;
  /** The value where nothing is said, as a text. */
  readonly fallback?: string;
  /** What holds where nothing is said and there is no fallback: words for the reference page. */
  readonly byDefault?: string;
  /** For the reference page and the editor; what is allowed is added. */
  readonly about: string;
  /** A password or key stands in it: it may be kept in a file of its own, and never stands in a message. */
  readonly secret?: true;
}

/** Everything that can be set, a row each: variable, file, reference page and editor schema follow from it. `pnpm config-docs` writes the last two. */
export const SETTINGS = {
  OPENVIBE_BUS: {
    key: "bus",
    type: oneOf("memory", "nats", "redis"),
    byDefault: "`nats` when `NATS_URL` is set, `redis` when `REDIS_URL` is, else `memory`",
    about: "What carries wake-ups and events",
  },
  NATS_URL: {
    key: "natsUrl",
    type: list("nats://host:4222, or several of them", /^((nats|tls):\/\/)?([^@/\s]*@)?[^@/\s]+\/?$/),
    about: "The broker's address, or several",
    secret: true,
  },
  OPENVIBE_NATS_REPLICAS: {
    key: "natsReplicas",
    type: whole(1, 5),
    fallback: "1",
    about: "Copies of each stream; 3 in a cluster of three",
  },
  REDIS_URL: {
    key: "redisUrl",
    type: url("redis:", "rediss:"),
    about: "The Redis server, where it is the broker ([brokers](brokers.md#redis))",
    secret: true,
  },
  OPENVIBE_STORE: {
    key: "store",
    type: oneOf("memory", "sqlite", "postgres"),
    byDefault: "`postgres` when `DATABASE_URL` is set, else `sqlite`",
    about: "Where runs are kept",
  },
  DATABASE_URL: { key: "databaseUrl", type: url("postgres:", "postgresql:"), about: "The Postgres database", secret: true },
  OPENVIBE_NAMESPACE: {
    key: "namespace",
    type: id,
    fallback: "openvibe",
    about: "The database schema, and what every key in Redis begins with",
  },
  OPENVIBE_SQLITE_PATH: { key: "sqlitePath", type: path, fallback: ".openvibe/openvibe.db", about: "The SQLite file; its folder is made" },
  OPENVIBE_LLM: {
    key: "llm",
    type: oneOf("anthropic", "echo"),
    byDefault: "`anthropic` when `ANTHROPIC_API_KEY` is set, else `echo`",
    about: "Who answers the model calls",
  },
  ANTHROPIC_API_KEY: { key: "anthropicApiKey", type: word("a key"), about: "The vendor's key", secret: true },
  OPENVIBE_LLM_BASE_URL: {
    key: "llmBaseUrl",
    type: url("http:", "https:"),
    byDefault: "the vendor's",
    about: "Another address for the model's vendor",
  },
  OPENVIBE_MODEL_ALIASES: {
    key: "modelAliases",
    type: modelAliases,
    byDefault: "our choice of the vendor's: `openvibe models` shows it",
    about: "The models that aliases stand for in this deployment: ids of its vendor, or another alias in our sense of it",
  },
  OPENVIBE_HOST: {
    key: "host",
    type: word("a host's name or address"),
    fallback: "127.0.0.1",
    about: "Address to listen on; any that is not loopback needs `OPENVIBE_API_KEYS`",
  },
  OPENVIBE_PORT: { key: "port", type: whole(0, 65_535), fallback: "8000", about: "Port to listen on; 0 takes any free one" },
  OPENVIBE_OPS_PORT: {
    key: "opsPort",
    type: whole(0, 65_535),
    byDefault: "none: they stand on the main port",
    about: "A port of its own for `/livez`, `/readyz` and `/metrics`, without keys; worker and scheduler have them only there",
  },
  OPENVIBE_OPS_HOST: {
    key: "opsHost",
    type: word("a host's name or address"),
    byDefault: "`OPENVIBE_HOST`",
    about: "Address of that port",
  },
  OPENVIBE_API_KEYS: {
    key: "apiKeys",
    type: apiKeys,
    byDefault: "none: no key is needed",
    about: "Who may ask, and for what ([keys](http.md#keys)); `openvibe keys create` makes them",
    secret: true,
  },
  OPENVIBE_CORS_ORIGINS: {
    key: "corsOrigins",
    type: list("origins such as https://app.example.com, or *", /^(\*|https?:\/\/[^/?#@\s]+)$/),
    byDefault: "none: no page of another origin may call",
    about: "Whose pages may call from a browser ([origins](http.md#from-a-browser))",
  },
  OPENVIBE_RATE_LIMIT: {
    key: "rateLimit",
    type: whole(1, 1_000_000),
    byDefault: "none: any number",
    about: "Requests a minute of one key, or of one address without a key, at one process ([limits](http.md#limits))",
  },
  OPENVIBE_RELAY_URL: {
    key: "relayUrl",
    type: url("http:", "https:"),
    about: "Where a gateway without a relay of its own passes streams on to",
  },
  OPENVIBE_HOOKS: {
    key: "hooks",
    type: hookSources,
    byDefault: "none",
    about: "Whose webhooks are taken, and the secrets they are signed with ([webhooks](webhooks.md#webhooks-in))",
    secret: true,
  },
  OPENVIBE_PUBLIC_URL: {
    key: "publicUrl",
    type: url("http:", "https:"),
    byDefault: "what the `Host` header says",
    about: "The address by which others reach this server, where a proxy changes it: HubSpot signs it",
  },
  OPENVIBE_WEBHOOKS_ALLOW: {
    key: "webhooksAllow",
    type: list("hosts, addresses and networks such as hooks.internal, *.corp.example, 10.0.0.0/8", /^[A-Za-z0-9*_.:-]+(\/\d{1,3})?$/),
    byDefault: "none; loopback where no API key is needed",
    about:
      "Where webhooks may be sent besides public https addresses ([webhooks](webhooks.md#where-webhooks-may-go)); the same at gateways and relays",
  },
  OPENVIBE_OPERATOR_FILES: {
    key: "operators",
    type: files,
    byDefault: "`./operators/*/index.ts` and `./operators/*.yaml`",
    about: "Files that export operators, or hold them in YAML",
  },
  OPENVIBE_HANDLER_FILES: {
    key: "handlers",
    type: files,
    byDefault: "none but the `logic_handlers.ts` beside each file",
    about: "Files that export handlers for logic nodes in YAML ([YAML](yaml.md#logic-nodes))",
  },
  OPENVIBE_POSTED_OPERATORS: {
    key: "postedOperators",
    type: oneOf("also", "only", "none"),
    fallback: "also",
    about:
      "Whether a worker serves operators that were posted: beside its files', without files, or not at all ([YAML](yaml.md#over-http))",
  },
  OPENVIBE_OPERATORS: {
    key: "serve",
    type: list("ids of operators"),
    byDefault: "all that the files hold",
    about: "The operators to serve, of those in the files",
  },
  OPENVIBE_SLOTS: { key: "slots", type: whole(1, 10_000), byDefault: "`128`", about: "Runs of one operator in a worker's hands at a time" },
  OPENVIBE_MAX_BACKLOG: {
    key: "maxBacklog",
    type: whole(1, 100_000_000),
    fallback: "10000",
    about: "Queued runs of one operator, beyond which activations are refused with 429 ([limits](limits.md#the-backlog))",
  },
  OPENVIBE_EAGER_START: {
    key: "eagerStart",
    type: flag,
    fallback: "true",
    about:
      "Whether a new run is handed to a worker that has room; else all go by the queue ([0019](decisions/0019-new-runs-begin-where-there-is-room.md))",
  },
  OPENVIBE_DRAIN_TIMEOUT_MS: {
    key: "drainTimeoutMs",
    type: ms(0),
    byDefault: "`25000`",
    about: "Milliseconds that a stop waits for running steps",
  },
  OPENVIBE_MAX_BLOCKED_MS: {
    key: "maxBlockedMs",
    type: ms(1),
    byDefault: "`60000`",
    about: "Milliseconds that the main thread may stand still before the process ends itself (Postgres only)",
  },
  OPENVIBE_GRAPH_FORM: {
    key: "graphForm",
    type: oneOf("segments", "nodes"),
    fallback: "segments",
    about: "How a workflow becomes a graph ([0003](decisions/0003-langgraph-carries-structure.md))",
  },
  OPENVIBE_HISTORY: {
    key: "history",
    type: flag,
    byDefault: "`false`; `true` in `openvibe dev`",
    about: "Whether each step's patch is kept ([what happened](what-happened.md))",
  },
  OPENVIBE_SCHEDULER: {
    key: "scheduler",
    type: oneOf("none", "cron"),
    byDefault:
      "`cron` in `openvibe serve` and in the scheduler's own process; `none` in `openvibe dev` without `--cron`, `serve(operator)` and `createRuntime`",
    about: "What starts runs by the clock ([schedules](schedules.md))",
  },
  OPENVIBE_KEEP_RUNS: { key: "keepRuns", type: duration, fallback: "30d", about: "How long ended runs are kept" },
  OPENVIBE_LOG_LEVEL: {
    key: "logLevel",
    type: oneOf("debug", "info", "warn", "error", "silent"),
    fallback: "info",
    about: "The least that is logged",
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type Settings = typeof SETTINGS;
export type Variable = keyof Settings;

/** Every variable that a server reads. */
export const VARIABLES = Object.keys(SETTINGS) as readonly Variable[];

export const rowOf = (variable: Variable): Setting => SETTINGS[variable];

type ValueOf<Row extends Setting> = Row extends { readonly type: { readonly text: infer Type extends z.ZodType } } ? z.output<Type> : never;

/** What was said, by variable; what has a fallback is always there. */
export type SettingValues = {
  readonly [V in Variable]: Settings[V] extends { readonly fallback: string } ? ValueOf<Settings[V]> : ValueOf<Settings[V]> | undefined;
};

type FileInput<Row extends Setting> = Row extends { readonly type: { readonly file: infer Type extends z.ZodType } }
  ? z.input<Type>
  : never;
type SecretFile<Row> = Row extends { readonly secret: true } ? { readonly file: string } : never;

/** What `openvibe.config.ts` may say. A secret may be kept in a file of its own: `{ file: "/run/secrets/x" }`. */
export type ConfigFile = {
  readonly [V in Variable as Settings[V]["key"]]?: FileInput<Settings[V]> | SecretFile<Settings[V]> | undefined;
};
