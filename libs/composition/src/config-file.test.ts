import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { secretsOf } from "./secrets.ts";
import { rowOf, VARIABLES } from "./settings.ts";

async function openFolder(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "openvibe-config-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The refusal of a folder's configuration, with the folder's own path taken out. */
async function refusalOf(files: Readonly<Record<string, string>>, env: Record<string, string> = {}): Promise<string> {
  await using folder = await openFolder(files);
  const refusal = await loadConfig(env, {}, { cwd: folder.path }).then(
    () => new Error("it was accepted"),
    (error: unknown) => error as Error,
  );
  expect(refusal).toMatchObject({ code: "OV_CONFIG_INVALID" });
  return refusal.message.replaceAll(folder.path, "…");
}
const refusalOfYaml = (text: string) => refusalOf({ "openvibe.config.yaml": text });

const HASH = `sha256:${"0a".repeat(32)}`;

describe("a configuration file", () => {
  test.each([
    [
      "openvibe.config.ts",
      `const port: number = 81; export default { port, operators: ["a.ts", "b/*.ts"], keepRuns: "12h", bus: "memory" };`,
    ],
    ["openvibe.config.js", `export default { port: 81, operators: "a.ts, b/*.ts", keepRuns: "12h", bus: "memory", host: undefined };`],
    ["openvibe.config.yaml", "# ours\r\nport: 81\r\noperators:\r\n  - a.ts\r\n  - b/*.ts\r\nkeepRuns: 12h\r\nbus: memory\r\nhost:\r\n"],
    ["openvibe.config.yml", "\uFEFFport: 81\noperators: [a.ts, b/*.ts]\nkeepRuns: 12h\nbus: memory\n"],
    ["openvibe.config.json", `{"$schema": "x", "port": 81, "operators": ["a.ts", "b/*.ts"], "keepRuns": "12h", "bus": "memory"}`],
  ])("is found in the working folder: %s", async (name, text) => {
    await using folder = await openFolder({ [name]: text });

    expect(await loadConfig({}, {}, { cwd: folder.path })).toMatchObject({
      port: 81,
      operatorFiles: [join(folder.path, "a.ts"), join(folder.path, "b/*.ts")],
      keepRunsMs: 43_200_000,
      bus: { kind: "memory" },
      host: "127.0.0.1",
    });
  });

  test("that is named goes before the one that would be found, and its paths begin from its own folder", async () => {
    await using folder = await openFolder({
      "openvibe.config.yaml": "port: 1",
      "other/mine.yaml": "port: 2\nsqlitePath: data/runs.db\noperators: here.ts",
      "other/flag.json": `{"port": 3, "sqlitePath": ":memory:"}`,
    });
    const env = { OPENVIBE_CONFIG: "other/mine.yaml" };

    expect(await loadConfig(env, {}, { cwd: folder.path })).toMatchObject({
      port: 2,
      store: { path: join(folder.path, "other/data/runs.db") },
      operatorFiles: [join(folder.path, "other/here.ts")],
    });
    expect(await loadConfig(env, { OPENVIBE_CONFIG: "other/flag.json" }, { cwd: folder.path })).toMatchObject({
      port: 3,
      store: { path: ":memory:" },
    });
    expect(await loadConfig({ OPENVIBE_CONFIG: "" }, {}, { cwd: folder.path })).toMatchObject({ port: 1 });
  });

  test("gives way to the environment, which gives way to flags", async () => {
    await using folder = await openFolder({ "openvibe.config.yaml": "port: 1\nslots: 1\nlogLevel: warn" });

    const config = await loadConfig(
      { OPENVIBE_PORT: "2", OPENVIBE_SLOTS: "2", OPENVIBE_LOG_LEVEL: "" },
      { OPENVIBE_PORT: "3", OPENVIBE_SLOTS: undefined },
      { cwd: folder.path },
    );

    expect(config).toMatchObject({ port: 3, slotsPerOperator: 2, logLevel: "warn", graphForm: "segments" });
  });

  test("may say everything that a variable may", async () => {
    const all = {
      bus: "nats",
      natsUrl: ["nats://a:1", "nats://b:2"],
      natsReplicas: 3,
      redisUrl: "redis://redis:6379",
      store: "postgres",
      databaseUrl: "postgres://db/x",
      namespace: "tenant",
      sqlitePath: "x.db",
      llm: "anthropic",
      anthropicApiKey: "sk-ant-1",
      llmBaseUrl: "http://127.0.0.1:9",
      modelAliases: { fast: "mistral-large-3" },
      host: "0.0.0.0",
      port: 8080,
      opsPort: 9090,
      opsHost: "127.0.0.1",
      apiKeys: ["ov_plain", { name: "ci", hash: HASH, scopes: ["run"], operators: ["hello"] }],
      corsOrigins: ["https://app.example.com"],
      rateLimit: 600,
      relayUrl: "http://relay:8001",
      hooks: { github: { preset: "github", secret: "gh-secret" } },
      publicUrl: "https://openvibe.example.com",
      webhooksAllow: ["10.0.0.0/8"],
      operators: ["a.ts"],
      handlers: ["h.ts"],
      postedOperators: "only",
      serve: ["hello"],
      slots: 8,
      maxBacklog: 9,
      eagerStart: false,
      drainTimeoutMs: 1,
      maxBlockedMs: 2,
      graphForm: "nodes",
      scheduler: "none",
      history: true,
      keepRuns: "1d",
      logLevel: "debug",
    };
    await using folder = await openFolder({ "openvibe.config.json": JSON.stringify(all) });

    expect(Object.keys(all).toSorted()).toEqual(VARIABLES.map((variable) => rowOf(variable).key).toSorted());
    expect(await loadConfig({}, {}, { cwd: folder.path })).toEqual({
      bus: { kind: "nats", servers: ["nats://a:1", "nats://b:2"], replicas: 3 },
      store: { kind: "postgres", url: "postgres://db/x", schema: "tenant" },
      llm: { kind: "anthropic", apiKey: "sk-ant-1", baseUrl: "http://127.0.0.1:9", aliases: all.modelAliases },
      host: "0.0.0.0",
      port: 8080,
      ops: { host: "127.0.0.1", port: 9090 },
      apiKeys: all.apiKeys,
      http: { corsOrigins: ["https://app.example.com"], requestsPerMinute: 600 },
      relayUrl: "http://relay:8001",
      webhooks: { sources: all.hooks, publicUrl: all.publicUrl, allow: ["10.0.0.0/8"], open: false },
      operatorFiles: [join(folder.path, "a.ts")],
      handlerFiles: [join(folder.path, "h.ts")],
      postedOperators: "only",
      operators: ["hello"],
      slotsPerOperator: 8,
      maxBacklog: 9,
      eagerStart: false,
      drainTimeoutMs: 1,
      maxBlockedMs: 2,
      graphForm: "nodes",
      scheduler: "none",
      history: true,
      keepRunsMs: 86_400_000,
      logLevel: "debug",
    });
  });
});

describe("what is wrong in a file", () => {
  test.each([
    ["prot: 8080", `openvibe.config.yaml:1:1 "prot" is no setting of OpenVibe; did you mean port?`],
    ["\n\nOPENVIBE_PORT: 8080", `openvibe.config.yaml:3:1 "OPENVIBE_PORT" is no setting of OpenVibe; did you mean port?`],
    ["colour_of_money: 1", `openvibe.config.yaml:1:1 "colour_of_money" is no setting of OpenVibe`],
    ["__proto__: 1", `openvibe.config.yaml:1:1 "__proto__" is no setting of OpenVibe`],
    ["host: localhost\nport: 80800", "openvibe.config.yaml:2:1 port must be a whole number from 0 to 65535"],
    ['port: "8080"', "openvibe.config.yaml:1:1 port must be a whole number from 0 to 65535"],
    ["keepRuns: 30", "openvibe.config.yaml:1:1 keepRuns must be a duration such as 12h or 30d, above 0 and up to 366d"],
    ["bus: natss", "openvibe.config.yaml:1:1 bus must be memory or nats or redis"],
    ["serve: [a, 7]", "openvibe.config.yaml:1:12 serve.1 must be a text"],
    ["serve: []", "openvibe.config.yaml:1:1 serve must be a list of ids of operators, not an empty one"],
    ["serve: { a: 1 }", "openvibe.config.yaml:1:1 serve must be ids of operators, separated by commas, none of them empty"],
    [
      "databaseUrl: mysql://user:hunter2@db/x",
      "openvibe.config.yaml:1:1 databaseUrl must be a URL that begins with postgres:// or postgresql://",
    ],
    ["- port", 'openvibe.config.yaml:1:1 must be a mapping, such as "port: 8000"'],
    ["port: 1\nport: 2", "openvibe.config.yaml:2:1 says the same key twice"],
    ["port: 1\n---\nport: 2", "openvibe.config.yaml:2:1 begins a second document; a file holds one"],
    ["port: [1", /^openvibe\.config\.yaml:1:9 is not valid YAML: .*\(/],
    ["port: !!js/function 1", "openvibe.config.yaml:1:7 has a tag that YAML does not know; a text that begins with ! is put in quotes"],
    ["serve: &all [*all]", /^openvibe\.config\.yaml.* (must be|uses too many aliases)/],
    [`a: &a [x, x, x]\nb: &b [*a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b]\nserve: [*c, *c, *c, *c, *c]`, /uses too many aliases/],
  ] as const)("is named with line and column: %j", async (text, message) => {
    const refusal = await refusalOfYaml(text);

    if (typeof message === "string") expect(refusal).toBe(message);
    else expect(refusal).toMatch(message);
    expect(refusal).not.toContain("hunter2");
  });

  test.each([
    '"hunter2\\q"',
    "*hunter2",
    "!hunter2 x",
    "!!hunter2 x",
    "!<hunter2> x",
    "|hunter2",
    ">hunter2\n x",
    "'hunter2",
    "{hunter2",
    "[hunter2",
    "&hunter2 x: y",
  ])("is told without what stands there, which may be a secret: %j", async (value) => {
    const refusal = await refusalOfYaml(`anthropicApiKey: ${value}`);

    expect(refusal).toMatch(/^openvibe\.config\.yaml/);
    expect(refusal).not.toContain("hunter2");
  });

  test("does not hide what else is wrong there, or in the environment", async () => {
    const refusal = await refusalOf({ "openvibe.config.yaml": "prot: 1\nbus: x\nslots: 0" }, { OPENVIBE_HOTS: "x", OPENVIBE_PORT: "y" });

    expect(refusal).toMatch(
      /^OPENVIBE_HOTS .*; openvibe\.config\.yaml:1:1 "prot" .*; .*:2:1 bus must .*; OPENVIBE_PORT must .*; .*:3:1 slots must [^;]*$/,
    );
  });

  test("with what else is said has the names of both places", async () => {
    expect(await refusalOf({ "openvibe.config.yaml": "store: postgres" })).toBe(
      "OPENVIBE_STORE is postgres, which needs DATABASE_URL (in openvibe.config.yaml: store, databaseUrl)",
    );
    expect(await refusalOf({ "openvibe.config.yaml": "port: 9000" }, { OPENVIBE_OPS_PORT: "9000" })).toMatch(
      /^OPENVIBE_OPS_PORT is 9000, which is OPENVIBE_PORT as well: .* \(in openvibe\.config\.yaml: opsPort, port\)$/,
    );
  });

  test("is named even where the environment says something else", async () => {
    expect(await refusalOf({ "openvibe.config.yaml": "port: x" }, { OPENVIBE_PORT: "1" })).toMatch(/^openvibe\.config\.yaml:1:1 port must/);
  });

  test.each<[string, Record<string, string>, Record<string, string>, string | RegExp]>([
    ["a file that is not there", {}, { OPENVIBE_CONFIG: "none.yaml" }, "there is no configuration file none.yaml"],
    ["a folder", { "conf.yaml/x": "" }, { OPENVIBE_CONFIG: "conf.yaml" }, "there is no configuration file conf.yaml"],
    [
      "another kind of file",
      { "conf.toml": "" },
      { OPENVIBE_CONFIG: "conf.toml" },
      /^conf\.toml is no configuration file; .*\.ts, .*\.yaml/,
    ],
    [
      "two files",
      { "openvibe.config.ts": "", "openvibe.config.yaml": "" },
      {},
      /openvibe\.config\.ts and openvibe\.config\.yaml; keep one/,
    ],
    ["code that cannot be loaded", { "openvibe.config.ts": "export default {" }, {}, /^openvibe\.config\.ts cannot be loaded: /],
    [
      "code without a default export",
      { "openvibe.config.js": "export const port = 1" },
      {},
      /^openvibe\.config\.js must end with: export default/,
    ],
    [
      "code with a wrong value",
      { "openvibe.config.ts": "export default { port: -1 }" },
      {},
      "openvibe.config.ts port must be a whole number from 0 to 65535",
    ],
  ])("%s is refused", async (_what, files, env, message) => {
    const refusal = await refusalOf(files, env);

    if (typeof message === "string") expect(refusal).toBe(message);
    else expect(refusal).toMatch(message);
  });

  test("an empty file says nothing", async () => {
    await using folder = await openFolder({ "openvibe.config.yaml": "# nothing yet\n" });

    expect(await loadConfig({}, {}, { cwd: folder.path })).toEqual(await loadConfig({}, {}, { cwd: "/" }));
  });
});

describe("a secret in a file of its own", () => {
  const url = "postgres://openvibe:hunter2@db/openvibe";

  test("is read by a variable, and by the configuration file from its own folder", async () => {
    await using folder = await openFolder({ "run/url": `${url}\n`, "conf/c.yaml": "databaseUrl: { file: ../run/url }" });
    const store = { kind: "postgres", url, schema: "openvibe" };

    const byVariable = await loadConfig({ DATABASE_URL_FILE: join(folder.path, "run/url") }, {}, { cwd: folder.path });
    const byFile = await loadConfig({ OPENVIBE_CONFIG: "conf/c.yaml" }, {}, { cwd: folder.path });

    expect([byVariable.store, byFile.store]).toEqual([store, store]);
    expect(secretsOf(byVariable)).toEqual(["hunter2"]); // so that no log line holds it
  });

  test("holds one key a line, hashed ones between plain ones", async () => {
    await using folder = await openFolder({ keys: `ov_one\nci:${HASH}:scopes=read+run:operators=hello\n` });

    expect((await loadConfig({ OPENVIBE_API_KEYS_FILE: join(folder.path, "keys") }, {}, { cwd: folder.path })).apiKeys).toEqual([
      "ov_one",
      { name: "ci", hash: HASH, scopes: ["read", "run"], operators: ["hello"] },
    ]);
  });

  test.each<[string, Record<string, string>, string]>([
    ["that is not there", { ANTHROPIC_API_KEY_FILE: "/none/x" }, "ANTHROPIC_API_KEY_FILE names /none/x, which is not there"],
    ["that is a folder", { ANTHROPIC_API_KEY_FILE: "/" }, "ANTHROPIC_API_KEY_FILE names /, which is no file"],
    ["beside the variable itself", { NATS_URL: "nats://a", NATS_URL_FILE: "/none" }, "NATS_URL and NATS_URL_FILE are both set; keep one"],
  ])("%s is refused by name", async (_what, env, message) => {
    expect(await refusalOf({}, env)).toBe(message);
  });

  test("is checked as the variable is, and not told", async () => {
    await using folder = await openFolder({ empty: "\n", wrong: "hunter2 hunter3" });
    const refused = (file: string) => loadConfig({ ANTHROPIC_API_KEY_FILE: join(folder.path, file) }, {}, { cwd: folder.path });

    await expect(refused("empty")).rejects.toThrow(/^ANTHROPIC_API_KEY_FILE names .*, which is empty$/);
    await expect(refused("wrong")).rejects.toThrow(/^ANTHROPIC_API_KEY_FILE must be a key, without spaces$/);
    expect(await refusalOf({ "openvibe.config.yaml": "port: { file: x }" })).toMatch(/port must be a whole number/);
  });
});

describe("a hashed API key", () => {
  test.each([
    [`ci:${HASH}:scopes=run`, { name: "ci", hash: HASH, scopes: ["run"] }],
    [
      `ci:${HASH.toUpperCase().replace("SHA", "sha")}:operators=a+b:scopes=read+run`,
      { name: "ci", hash: HASH, scopes: ["read", "run"], operators: ["a", "b"] },
    ],
  ])("is read from one line: %s", async (entry, key) => {
    expect((await loadConfig({ OPENVIBE_API_KEYS: `ov_plain, ${entry}` }, {}, { cwd: "/" })).apiKeys).toEqual(["ov_plain", key]);
  });

  test.each([
    [`ci:${HASH}`, "OPENVIBE_API_KEYS.0.scopes must be a list of scopes"],
    [`ci:${HASH}:scopes=`, "OPENVIBE_API_KEYS.0.scopes.0 must be read or run or admin"],
    [`ci:${HASH}:scopes=rum`, "OPENVIBE_API_KEYS.0.scopes.0 must be read or run or admin"],
    [`ci:${HASH}:scopes=run:operators=`, "OPENVIBE_API_KEYS.0.operators.0 must be an id: 1 to 64 of a-z, 0-9, _ and -"],
    [`ci:${HASH}:scope=run:scopes=run`, 'OPENVIBE_API_KEYS.0 has no "scope"'],
    [`C I:${HASH}:scopes=run`, "OPENVIBE_API_KEYS.0.name must be an id: 1 to 64 of a-z, 0-9, _ and -"],
    ["ci:sha512:0a0a:scopes=run", "OPENVIBE_API_KEYS.0.hash must be sha256:<64 hex digits>"],
    [`a:${HASH}:scopes=run,b:${HASH}:scopes=read`, "OPENVIBE_API_KEYS.1.hash must be another one: an entry before has it"],
  ])("is refused where it is wrong: %s", async (entry, message) => {
    expect(await refusalOf({}, { OPENVIBE_API_KEYS: entry })).toBe(message);
  });

  test("in a file is refused with the line of what is wrong", async () => {
    const entry = `apiKeys:\n  - name: ci\n    hash: ${HASH}\n    scopes: [read, rum]`;

    expect(await refusalOfYaml(entry)).toBe("openvibe.config.yaml:4:20 apiKeys.0.scopes.1 must be read or run or admin");
    expect(await refusalOfYaml(`apiKeys: [{ name: ci, hash: "${HASH}", scopes: [run], operator: a }]`)).toBe(
      'openvibe.config.yaml:1:11 apiKeys.0 has no "operator"',
    );
  });
});
