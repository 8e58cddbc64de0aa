import { isId, nearestName, OpenVibeError, parseDuration } from "@openvibe/core";
import { z } from "zod";

const MAX_TIMER_MS = 2_147_483_647; // a timer that is longer fires at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args

const word = (what: string) => z.string().regex(/^\S+$/, { error: `must be ${what}, without spaces` });
const path = z.string().regex(/\S/, { error: "must be a path" });
const url = (...protocols: string[]) =>
  z.string().refine((text) => !/\s/.test(text) && URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });
const oneOf = <const Choice extends string>(...choices: Choice[]) => z.enum(choices, { error: `must be ${choices.join(" or ")}` });
const list = (what: string, entry = /\S/) =>
  z
    .string()
    .transform((text) => text.split(",").map((each) => each.trim()))
    .refine((entries) => entries.every((each) => entry.test(each)), {
      error: `must be ${what}, separated by commas, none of them empty`,
    });
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((n) => n >= least && n <= most, { error: `must be a whole number from ${least} to ${most}` });
const ms = (least: number) => whole(least, MAX_TIMER_MS);

/** One row per variable: what the environment may say. An empty text counts as not given. */
const Environment = z.object({
  OPENVIBE_BUS: oneOf("memory", "nats").optional(),
  OPENVIBE_STORE: oneOf("memory", "sqlite", "postgres").optional(),
  OPENVIBE_LLM: oneOf("anthropic", "echo").optional(),
  OPENVIBE_LLM_BASE_URL: url("http:", "https:").optional(),
  ANTHROPIC_API_KEY: word("a key").optional(),
  NATS_URL: list("nats://host:4222, or several of them", /^((nats|tls):\/\/)?([^@/\s]*@)?[^@/\s]+\/?$/).optional(),
  OPENVIBE_NATS_REPLICAS: whole(1, 5).optional(),
  DATABASE_URL: url("postgres:", "postgresql:").optional(),
  OPENVIBE_SQLITE_PATH: path.optional(),
  OPENVIBE_NAMESPACE: z.string().refine(isId, { error: "must be an id: 1 to 64 of a-z, 0-9, _ and -" }).optional(),
  OPENVIBE_HOST: word("a host's name or address").optional(),
  OPENVIBE_PORT: whole(0, 65_535).optional(),
  OPENVIBE_API_KEYS: list("keys of printable ASCII", /^[\x21-\x7e]+$/).optional(),
  OPENVIBE_RELAY_URL: url("http:", "https:").optional(),
  OPENVIBE_OPERATOR_FILES: list("files").optional(),
  OPENVIBE_OPERATORS: list("ids of operators").optional(),
  OPENVIBE_SLOTS: whole(1, 10_000).optional(),
  OPENVIBE_DRAIN_TIMEOUT_MS: ms(0).optional(),
  OPENVIBE_MAX_BLOCKED_MS: ms(1).optional(),
  OPENVIBE_GRAPH_FORM: oneOf("segments", "nodes").optional(),
  OPENVIBE_KEEP_RUNS: z.string().transform(toMs).optional(),
  OPENVIBE_LOG_LEVEL: oneOf("debug", "info", "warn", "error", "silent").optional(),
});

/** Every variable that a server reads. */
export const VARIABLES = Object.keys(Environment.shape);

/** Read by the commands that speak to a server, and of no meaning to the server itself. */
const OF_THE_COMMAND = ["OPENVIBE_URL", "OPENVIBE_API_KEY"];

export type Environment = z.output<typeof Environment>;

/** What flags of the command, or code, set over the environment; by the variable's name. */
export type Overrides = Readonly<Partial<Record<keyof z.input<typeof Environment>, string | undefined>>>;

/** @throws OpenVibeError OV_CONFIG_INVALID naming every wrong variable and what is allowed, never its value */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, overrides: Overrides): Environment {
  const given = Object.fromEntries(
    VARIABLES.map((name) => [name, overrides[name as keyof Overrides] ?? env[name]]).filter(
      ([, value]) => value !== undefined && value !== "",
    ),
  );
  const unknown = Object.keys(env).filter(
    (name) =>
      name.startsWith("OPENVIBE_") && !name.startsWith("OPENVIBE_TEST_") && !VARIABLES.includes(name) && !OF_THE_COMMAND.includes(name),
  );
  const parsed = Environment.safeParse(given);
  const faults = [
    ...unknown.map((name) => `${name} is no variable of OpenVibe${didYouMean(name)}`),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`)),
  ];
  if (!parsed.success || faults.length > 0) throw new OpenVibeError("OV_CONFIG_INVALID", faults.join("; "));
  return parsed.data;
}

function didYouMean(name: string): string {
  // What they all begin with says nothing about which one was meant.
  const bare = (variable: string) => variable.replace(/^OPENVIBE_/, "");
  const nearest = nearestName(bare(name), VARIABLES.map(bare));
  const near = VARIABLES.find((variable) => bare(variable) === nearest);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function toMs(text: string, context: z.RefinementCtx): number {
  try {
    return parseDuration(text as `${number}d`, "");
  } catch {
    context.addIssue({ code: "custom", message: "must be a duration such as 12h or 30d, above 0 and up to 366d" });
    return z.NEVER;
  }
}
