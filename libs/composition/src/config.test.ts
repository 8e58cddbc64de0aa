import { silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { isLoopback, parseConfig } from "./config.ts";
import { toDefaults } from "./config-file.ts";
import { openLlm } from "./open-adapters.ts";
import { VARIABLES } from "./settings.ts";
import { hooksOf, targetsOf } from "./webhooks.ts";

const refusal = expect.objectContaining({ code: "OV_CONFIG_INVALID" }) as Error;
const DATABASE_URL = "postgres://openvibe:hunter2@db:5432/openvibe";

describe("nothing said", () => {
  test("means everything in this process, on loopback", () => {
    expect(parseConfig({})).toEqual({
      bus: { kind: "memory" },
      store: { kind: "sqlite", path: ".openvibe/openvibe.db" },
      llm: { kind: "echo" },
      host: "127.0.0.1",
      port: 8000,
      ops: undefined,
      apiKeys: undefined,
      http: { corsOrigins: undefined, requestsPerMinute: undefined },
      relayUrl: undefined,
      webhooks: { sources: {}, publicUrl: undefined, allow: undefined, open: true },
      operatorFiles: [],
      handlerFiles: [],
      postedOperators: "also",
      operators: undefined,
      slotsPerOperator: undefined,
      maxBacklog: 10_000,
      eagerStart: true,
      drainTimeoutMs: undefined,
      maxBlockedMs: undefined,
      graphForm: "segments",
      history: undefined,
      keepRunsMs: 30 * 86_400_000,
      logLevel: "info",
    });
  });

  test("is the same as an empty text for every variable", () => {
    expect(parseConfig(Object.fromEntries(VARIABLES.map((name) => [name, ""])))).toEqual(parseConfig({}));
  });
});

test("what a server lets in besides is read from two variables", () => {
  const env = { OPENVIBE_CORS_ORIGINS: "https://app.example.com, http://localhost:5173", OPENVIBE_RATE_LIMIT: "600" };

  expect(parseConfig(env).http).toEqual({ corsOrigins: ["https://app.example.com", "http://localhost:5173"], requestsPerMinute: 600 });
});

describe("webhooks", () => {
  test("of each source have their way of signing and their secret", () => {
    const env = { OPENVIBE_HOOKS: "github=github:gh:secret=1, my-crm=hmac:another secret\nslack=slack:12345678,\n" };

    expect(parseConfig(env).webhooks.sources).toEqual({
      github: { preset: "github", secret: "gh:secret=1" },
      "my-crm": { preset: "hmac", secret: "another secret" },
      slack: { preset: "slack", secret: "12345678" },
    });
  });

  test.each([
    "github",
    "github=github",
    "github=gitlab:12345678",
    "github=github:short",
    "git_hub=github:12345678",
    "a=hmac:12345678,a=hmac:87654321",
  ])("%s is refused, without its secret", (text) => {
    expect(() => parseConfig({ OPENVIBE_HOOKS: text })).toThrow(
      expect.objectContaining({ code: "OV_CONFIG_INVALID", message: expect.not.stringMatching(/12345678|short/) as string }),
    );
  });

  test("go to loopback, and come unsigned, only where nobody else reaches the server and nobody needs a key", () => {
    const keys = { OPENVIBE_API_KEYS: "ov_secret" };

    expect(parseConfig({}).webhooks.open).toBe(true);
    expect(parseConfig(keys).webhooks.open).toBe(false);
    expect(parseConfig({ ...keys, OPENVIBE_HOST: "0.0.0.0" }).webhooks.open).toBe(false);
    expect(targetsOf(parseConfig({})).parse("http://127.0.0.1:3000/").port).toBe("3000");
    expect(() => targetsOf(parseConfig(keys)).parse("http://127.0.0.1:3000/")).toThrow();
    expect(targetsOf(parseConfig({ ...keys, OPENVIBE_WEBHOOKS_ALLOW: "10.0.0.0/8, hooks.internal" })).parse("http://10.1.2.3/").host).toBe(
      "10.1.2.3",
    );
    expect(() => targetsOf(parseConfig({ OPENVIBE_WEBHOOKS_ALLOW: "10.0.0.0/99" }))).toThrow(refusal);
    expect(hooksOf(parseConfig({ ...keys, OPENVIBE_PUBLIC_URL: "https://openvibe.example.com" }))).toEqual({
      ...{ sources: {}, unsigned: false, publicUrl: "https://openvibe.example.com" },
    });
  });
});

describe("the store", () => {
  test.each<[Record<string, string>, object]>([
    [{ DATABASE_URL }, { kind: "postgres", url: DATABASE_URL, schema: "openvibe" }],
    [
      { DATABASE_URL, OPENVIBE_NAMESPACE: "tenant_1" },
      { kind: "postgres", url: DATABASE_URL, schema: "tenant_1" },
    ],
    [
      { DATABASE_URL, OPENVIBE_STORE: "postgres" },
      { kind: "postgres", url: DATABASE_URL, schema: "openvibe" },
    ],
    [
      { DATABASE_URL, OPENVIBE_STORE: "memory" },
      { kind: "sqlite", path: ":memory:" },
    ],
    [
      { DATABASE_URL, OPENVIBE_STORE: "sqlite" },
      { kind: "sqlite", path: ".openvibe/openvibe.db" },
    ],
    [{ OPENVIBE_SQLITE_PATH: "/data/runs.db" }, { kind: "sqlite", path: "/data/runs.db" }],
    [
      { OPENVIBE_STORE: "memory", OPENVIBE_SQLITE_PATH: "/data/runs.db" },
      { kind: "sqlite", path: ":memory:" },
    ],
  ])("of %j is %j", (env, store) => {
    expect(parseConfig(env).store).toEqual(store);
  });

  test("in Postgres needs an address", () => {
    expect(() => parseConfig({ OPENVIBE_STORE: "postgres" })).toThrow(refusal);
    expect(() => parseConfig({ OPENVIBE_STORE: "postgres" })).toThrow(/DATABASE_URL/);
  });
});

describe("the bus", () => {
  test.each<[Record<string, string>, object]>([
    [{ NATS_URL: "nats://nats:4222" }, { kind: "nats", servers: ["nats://nats:4222"], replicas: 1 }],
    [
      { NATS_URL: "nats://a:1, tls://b:2,c:3", OPENVIBE_NATS_REPLICAS: "3" },
      { kind: "nats", servers: ["nats://a:1", "tls://b:2", "c:3"], replicas: 3 },
    ],
    [{ NATS_URL: "nats://user:hunter2@nats:4222" }, { kind: "nats", servers: ["nats://user:hunter2@nats:4222"], replicas: 1 }],
    [{ NATS_URL: "nats://nats:4222", OPENVIBE_BUS: "memory" }, { kind: "memory" }],
    [{ REDIS_URL: "redis://redis:6379" }, { kind: "redis", url: "redis://redis:6379", namespace: "openvibe" }],
    [
      { REDIS_URL: "rediss://ov:hunter2@redis:6380/1", NATS_URL: "nats://nats:4222", OPENVIBE_BUS: "redis", OPENVIBE_NAMESPACE: "acme" },
      { kind: "redis", url: "rediss://ov:hunter2@redis:6380/1", namespace: "acme" },
    ],
    [{ REDIS_URL: "redis://redis:6379", OPENVIBE_BUS: "memory" }, { kind: "memory" }],
  ])("of %j is %j", (env, bus) => {
    expect(parseConfig(env).bus).toEqual(bus);
  });

  test("over Redis needs an address", () => {
    expect(() => parseConfig({ OPENVIBE_BUS: "redis" })).toThrow(refusal);
    expect(() => parseConfig({ OPENVIBE_BUS: "redis" })).toThrow(/REDIS_URL/);
  });

  test("with two addresses has to be named", () => {
    expect(() => parseConfig({ NATS_URL: "nats://nats:4222", REDIS_URL: "redis://redis:6379" })).toThrow(refusal);
    expect(() => parseConfig({ NATS_URL: "nats://nats:4222", REDIS_URL: "redis://redis:6379" })).toThrow(/OPENVIBE_BUS/);
  });

  test("over NATS needs an address", () => {
    expect(() => parseConfig({ OPENVIBE_BUS: "nats" })).toThrow(refusal);
    expect(() => parseConfig({ OPENVIBE_BUS: "nats" })).toThrow(/NATS_URL/);
  });
});

describe("the model", () => {
  test.each<[Record<string, string>, object]>([
    [{ ANTHROPIC_API_KEY: "sk-1" }, { kind: "anthropic", apiKey: "sk-1" }],
    [
      { ANTHROPIC_API_KEY: "sk-1", OPENVIBE_LLM_BASE_URL: "http://127.0.0.1:9" },
      { kind: "anthropic", apiKey: "sk-1", baseUrl: "http://127.0.0.1:9" },
    ],
    [{ ANTHROPIC_API_KEY: "sk-1", OPENVIBE_LLM: "echo" }, { kind: "echo" }],
  ])("of %j is %j", (env, llm) => {
    expect(parseConfig(env).llm).toEqual(llm);
  });

  test("of a vendor needs the vendor's key, which is named", () => {
    expect(() => parseConfig({ OPENVIBE_LLM: "anthropic" })).toThrow(refusal);
    expect(() => parseConfig({ OPENVIBE_LLM: "anthropic" })).toThrow(/ANTHROPIC_API_KEY/);
  });
});

describe("a door that other machines can reach", () => {
  test.each(["0.0.0.0", "::", "openvibe.internal", "192.168.0.7", "127.0.0.1.example.com", "::ffff:127.0.0.1", "1270.0.0.1"])(
    "(%s) is not opened without keys",
    (host) => {
      expect(() => parseConfig({ OPENVIBE_HOST: host })).toThrow(refusal);
      expect(() => parseConfig({ OPENVIBE_HOST: host, OPENVIBE_API_KEYS: "" })).toThrow(/set OPENVIBE_API_KEYS/);
      expect(parseConfig({ OPENVIBE_HOST: host, OPENVIBE_API_KEYS: "ov_a, ov_b" })).toMatchObject({ host, apiKeys: ["ov_a", "ov_b"] });
    },
  );

  test.each(["127.0.0.1", "127.1.2.3", "::1", "localhost"])("is another one than loopback (%s)", (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(parseConfig({ OPENVIBE_HOST: host }).host).toBe(host);
  });
});

test("the rest is read into numbers, lists and words", () => {
  expect(
    parseConfig({
      OPENVIBE_PORT: "0",
      OPENVIBE_RELAY_URL: "http://relay:8001",
      OPENVIBE_OPERATOR_FILES: " a.ts , b.ts",
      OPENVIBE_OPERATORS: "content_engine,market_intel",
      OPENVIBE_SLOTS: "0008",
      OPENVIBE_MAX_BACKLOG: "9",
      OPENVIBE_EAGER_START: "false",
      OPENVIBE_DRAIN_TIMEOUT_MS: "0",
      OPENVIBE_MAX_BLOCKED_MS: "1",
      OPENVIBE_GRAPH_FORM: "nodes",
      OPENVIBE_KEEP_RUNS: "12h",
      OPENVIBE_LOG_LEVEL: "silent",
    }),
  ).toMatchObject({
    port: 0,
    relayUrl: "http://relay:8001",
    operatorFiles: ["a.ts", "b.ts"],
    operators: ["content_engine", "market_intel"],
    slotsPerOperator: 8,
    maxBacklog: 9,
    eagerStart: false,
    drainTimeoutMs: 0,
    maxBlockedMs: 1,
    graphForm: "nodes",
    keepRunsMs: 43_200_000,
    logLevel: "silent",
  });
});

describe("what code or a flag says", () => {
  test("goes before the environment", () => {
    expect(parseConfig({ OPENVIBE_PORT: "1", OPENVIBE_STORE: "memory" }, { OPENVIBE_PORT: "2", OPENVIBE_HOST: undefined })).toMatchObject({
      port: 2,
      host: "127.0.0.1",
      store: { path: ":memory:" },
    });
  });

  test("is checked as well, and makes a wrong environment right", () => {
    expect(() => parseConfig({}, { OPENVIBE_PORT: "99999" })).toThrow(refusal);
    expect(parseConfig({ OPENVIBE_PORT: "x" }, { OPENVIBE_PORT: "2" }).port).toBe(2);
  });
});

describe("aliases of models", () => {
  const key = { ANTHROPIC_API_KEY: "sk-1" };
  const refused = (message: string) =>
    expect.objectContaining({ code: "OV_CONFIG_INVALID", message: expect.stringContaining(message) as string }) as Error;

  test("stand for what a deployment says, on a line or in the file", () => {
    const file = { ...toDefaults({ modelAliases: { smart: "claude-opus-4-6" } }), name: "openvibe.config.ts" };

    expect(parseConfig({ ...key, OPENVIBE_MODEL_ALIASES: "fast=claude-sonnet-5-5, smart=sonnet" }).llm).toEqual({
      kind: "anthropic",
      apiKey: "sk-1",
      aliases: { fast: "claude-sonnet-5-5", smart: "sonnet" },
    });
    expect(parseConfig(key, {}, { file }).llm.aliases).toEqual({ smart: "claude-opus-4-6" });
  });

  test.each(["anthropic", "echo"])("are what the model %s is asked by", async (OPENVIBE_LLM) => {
    const config = parseConfig({ ...key, OPENVIBE_LLM, OPENVIBE_MODEL_ALIASES: "fast=claude-opus-4-6" });
    const llm = await openLlm(config, silentLogger);

    expect([llm.resolveModel("fast"), llm.resolveModel("claude-haiku-5-5")]).toEqual(["claude-opus-4-6", "claude-haiku-5-5"]);
  });

  test.each([
    [
      "an alias that is none",
      "fst=claude-sonnet-5-5",
      'fst must be an alias, one of haiku, sonnet, opus, fast, smart; did you mean "fast"?',
    ],
    ["no pair", "fast", "must be <alias>=<model>"],
    ["one twice", "fast=haiku,fast=opus", "each alias once"],
    [
      "a misspelt model",
      "fast=claude-sonet-5-5",
      'what fast stands for is not among the models that are known; did you mean "claude-sonnet-5-5"',
    ],
    ["a misspelt alias", "fast=haku", 'did you mean "haiku"?'],
    ["another vendor's", "fast=gpt-6-luna", "what fast stands for is no model of anthropic"],
  ])("%s is refused with the nearest name", (_, OPENVIBE_MODEL_ALIASES, message) => {
    expect(() => parseConfig({ ...key, OPENVIBE_MODEL_ALIASES })).toThrow(refused(message));
  });
});
