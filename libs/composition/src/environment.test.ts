import { describe, expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { VARIABLES } from "./settings.ts";

const messageOf = (env: Record<string, string>): string => {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toMatchObject({ code: "OV_CONFIG_INVALID" });
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(env)} was accepted`);
};

/** Variable, a value that is wrong, what is allowed. */
const WRONG: readonly (readonly [string, string, string])[] = [
  ["OPENVIBE_BUS", "natss", "must be memory or nats or redis"],
  ["OPENVIBE_STORE", "mysql", "must be memory or sqlite or postgres"],
  ["OPENVIBE_LLM", "gpt", "must be anthropic or echo"],
  ["OPENVIBE_LLM_BASE_URL", "ftp://models.internal", "must be a URL that begins with http:// or https://"],
  ["ANTHROPIC_API_KEY", "sk-very secret", "must be a key, without spaces"],
  [
    "NATS_URL",
    "http://user:hunter2@nats:4222/path",
    "must be nats://host:4222, or several of them, separated by commas, none of them empty",
  ],
  ["OPENVIBE_NATS_REPLICAS", "6", "must be a whole number from 1 to 5"],
  ["REDIS_URL", "http://user:hunter2@redis:6379", "must be a URL that begins with redis:// or rediss://"],
  ["DATABASE_URL", "mysql://user:hunter2@db/openvibe", "must be a URL that begins with postgres:// or postgresql://"],
  ["OPENVIBE_SQLITE_PATH", "  ", "must be a path"],
  ["OPENVIBE_NAMESPACE", "Tenant.One", "must be an id: 1 to 64 of a-z, 0-9, _ and -"],
  [
    "OPENVIBE_MODEL_ALIASES",
    "fast:claude-opus-4-6",
    "must be <alias>=<model>, separated by commas; aliases are haiku, sonnet, opus, fast, smart, each alias once",
  ],
  ["OPENVIBE_HOST", "127.0.0.1 ", "must be a host's name or address, without spaces"],
  ["OPENVIBE_PORT", "70000", "must be a whole number from 0 to 65535"],
  ["OPENVIBE_OPS_PORT", "-1", "must be a whole number from 0 to 65535"],
  ["OPENVIBE_OPS_HOST", "0.0.0.0 ", "must be a host's name or address, without spaces"],
  ["OPENVIBE_API_KEYS", "schlüssel", ".0 must be a key of printable ASCII without a colon"],
  [
    "OPENVIBE_CORS_ORIGINS",
    "https://app.example.com/path",
    "must be origins such as https://app.example.com, or *, separated by commas, none of them empty",
  ],
  ["OPENVIBE_RATE_LIMIT", "0", "must be a whole number from 1 to 1000000"],
  ["OPENVIBE_RELAY_URL", "relay:8001", "must be a URL that begins with http:// or https://"],
  [
    "OPENVIBE_HOOKS",
    "github:hunter2hunter2",
    "must be <source>=<preset>:<secret>, separated by commas or lines; presets are hubspot, slack, github, stripe, standard, hmac, token; a secret has 8 characters or more, each source once",
  ],
  ["OPENVIBE_PUBLIC_URL", "openvibe.example.com", "must be a URL that begins with http:// or https://"],
  [
    "OPENVIBE_WEBHOOKS_ALLOW",
    "http://hooks.internal",
    "must be hosts, addresses and networks such as hooks.internal, *.corp.example, 10.0.0.0/8, separated by commas, none of them empty",
  ],
  ["OPENVIBE_OPERATOR_FILES", "a.ts,,b.ts", "must be files or patterns such as operators/*.ts, separated by commas, none of them empty"],
  ["OPENVIBE_HANDLER_FILES", "a.ts,,b.ts", "must be files or patterns such as operators/*.ts, separated by commas, none of them empty"],
  ["OPENVIBE_POSTED_OPERATORS", "yes", "must be also or only or none"],
  ["OPENVIBE_SCHEDULER", "crom", "must be none or cron"],
  ["OPENVIBE_OPERATORS", "one,,two", "must be ids of operators, separated by commas, none of them empty"],
  ["OPENVIBE_SLOTS", "0", "must be a whole number from 1 to 10000"],
  ["OPENVIBE_MAX_BACKLOG", "0", "must be a whole number from 1 to 100000000"],
  ["OPENVIBE_EAGER_START", "maybe", "must be true or false"],
  ["OPENVIBE_DRAIN_TIMEOUT_MS", "25s", "must be a whole number from 0 to 2147483647"],
  ["OPENVIBE_MAX_BLOCKED_MS", "0", "must be a whole number from 1 to 2147483647"],
  ["OPENVIBE_GRAPH_FORM", "edges", "must be segments or nodes"],
  ["OPENVIBE_HISTORY", "yes", "must be true or false"],
  ["OPENVIBE_KEEP_RUNS", "30", "must be a duration such as 12h or 30d, above 0 and up to 366d"],
  ["OPENVIBE_LOG_LEVEL", "verbose", "must be debug or info or warn or error or silent"],
];

describe("a wrong variable", () => {
  test("is tried here for every variable there is", () => {
    expect(WRONG.map(([name]) => name).toSorted()).toEqual(VARIABLES.toSorted());
  });

  test.each(WRONG)("%s is refused by name, with what is allowed, without its value (%j)", (name, value, allowed) => {
    const message = messageOf({ [name]: value });

    expect(message).toBe(`${name}${allowed.startsWith(".") ? "" : " "}${allowed}`);
    if (value.trim().length > 2) expect(message).not.toContain(value);
  });

  test.each([
    ["OPENVIBE_BUS", " nats"],
    ["OPENVIBE_BUS", "NATS"],
    ["OPENVIBE_BUS", " "],
    ["OPENVIBE_PORT", "abc"],
    ["OPENVIBE_PORT", "-1"],
    ["OPENVIBE_PORT", "8000.5"],
    ["OPENVIBE_PORT", "1e3"],
    ["OPENVIBE_PORT", " 8000"],
    ["OPENVIBE_PORT", "0x50"],
    ["OPENVIBE_PORT", "٨٠"],
    ["OPENVIBE_PORT", "99999999999999999999"],
    ["OPENVIBE_DRAIN_TIMEOUT_MS", "2147483648"],
    ["OPENVIBE_API_KEYS", ","],
    ["OPENVIBE_API_KEYS", " "],
    ["OPENVIBE_API_KEYS", "two words"],
    ["OPENVIBE_API_KEYS", "schlüssel"],
    ["NATS_URL", "nats://a:4222, "],
    ["NATS_URL", "nats://"],
    ["DATABASE_URL", "db:5432/openvibe"],
    ["DATABASE_URL", "postgres://db/open vibe"],
    ["OPENVIBE_KEEP_RUNS", "0d"],
    ["OPENVIBE_KEEP_RUNS", "400d"],
  ])("%s=%j is refused too", (name, value) => {
    expect(messageOf({ [name]: value })).toMatch(new RegExp(`^${name}(\\.\\d+)? must be `));
  });

  test("does not hide the others: all are named at once", () => {
    const message = messageOf({ OPENVIBE_BUS: "natss", OPENVIBE_PORT: "x", OPENVIBE_HOTS: "y" });

    expect(message).toMatch(/OPENVIBE_HOTS .*OPENVIBE_BUS .*OPENVIBE_PORT /);
  });
});

describe("a variable that OpenVibe does not know", () => {
  test.each([
    ["OPENVIBE_PROT", "; did you mean OPENVIBE_PORT?"],
    ["OPENVIBE_APIKEYS", "; did you mean OPENVIBE_API_KEYS?"],
    ["OPENVIBE_DRAIN_TIMEOUT", "; did you mean OPENVIBE_DRAIN_TIMEOUT_MS?"],
    ["OPENVIBE_NATS_URL", "; did you mean NATS_URL?"],
    ["OPENVIBE_API_KEYS_FIEL", "; did you mean OPENVIBE_API_KEYS_FILE?"],
    ["OPENVIBE_PORT_FILE", "; did you mean OPENVIBE_PORT?"],
    ["OPENVIBE_openvibe_colour_of_money", ""],
    [`OPENVIBE_${"X".repeat(1_000)}`, ""],
  ])("%s is refused%s", (name, suggestion) => {
    expect(messageOf({ [name]: "secret-value" })).toBe(`${name} is no variable of OpenVibe${suggestion}`);
  });

  test.each(["PORT", "HOME", "NATS_CREDS", "openvibe_port", "OPENVIBE_TEST_ANYTHING"])("but %s is somebody else's", (name) => {
    expect(parseConfig({ [name]: "x" })).toEqual(parseConfig({}));
  });

  test.each(["OPENVIBE_URL", "OPENVIBE_API_KEY"])("but %s is the command's own, and may be set where a server starts", (name) => {
    expect(parseConfig({ [name]: "x" })).toEqual(parseConfig({}));
  });
});
