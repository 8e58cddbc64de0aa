import { isId, parseDuration } from "@openvibe/core";
import { HashedKey, PLAIN_KEY, readKeyEntry } from "@openvibe/http/api-key";
import { type ZodType, z } from "zod";

/** How one kind of setting is read: from a text (variable, flag) and from the file, to the same value. Messages of both begin with "must". */
export interface SettingType<Value = unknown, InFile = unknown> {
  /** What is allowed; stands in messages and in the reference page. */
  readonly allowed: string;
  readonly text: ZodType<Value, string>;
  readonly file: ZodType<Value, InFile>;
  /** It names files: in the file they are looked for from where that lies, else from the working folder. */
  readonly isPath?: true;
}

const MAX_TIMER_MS = 2_147_483_647; // a timer that is longer fires at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args

const must = (allowed: string) => ({ error: `must be ${allowed}` });

/** The same text in both. */
function spelled<Value>(allowed: string, type: ZodType<Value, string>): SettingType<Value, string> {
  return { allowed, text: type, file: type };
}

const matching = (allowed: string, accepts: (text: string) => boolean) =>
  spelled(allowed, z.string(must(allowed)).refine(accepts, must(allowed)));

export const word = (what: string) => matching(`${what}, without spaces`, (text) => /^\S+$/.test(text));
export const id = matching("an id: 1 to 64 of a-z, 0-9, _ and -", isId);

export const path = { ...matching("a path", (text) => /\S/.test(text)), isPath: true } as const satisfies SettingType<string>;

export function url(...protocols: string[]): SettingType<string, string> {
  return matching(
    `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
    (text) => !/\s/.test(text) && URL.canParse(text) && protocols.includes(new URL(text).protocol),
  );
}

export function oneOf<const Choice extends string>(...choices: Choice[]): SettingType<Choice, Choice> {
  const allowed = choices.join(" or ");
  const type = z.enum(choices, must(allowed)) as unknown as ZodType<Choice, Choice>;
  return { allowed, text: type as unknown as ZodType<Choice, string>, file: type };
}

export const flag: SettingType<boolean, boolean> = {
  allowed: "true or false",
  text: z.enum(["true", "false"], must("true or false")).transform((text) => text === "true") as unknown as ZodType<boolean, string>,
  file: z.boolean(must("true or false")),
};

export function whole(least: number, most: number): SettingType<number, number> {
  const allowed = `a whole number from ${least} to ${most}`;
  const file = z.int(must(allowed)).min(least, must(allowed)).max(most, must(allowed));
  return { allowed, text: z.string().regex(/^\d+$/, must(allowed)).transform(Number).pipe(file), file };
}

export const ms = (least: number) => whole(least, MAX_TIMER_MS);

const span = "a duration such as 12h or 30d, above 0 and up to 366d";
export const duration = spelled(
  span,
  z.string(must(span)).transform((text, context) => {
    try {
      return parseDuration(text as `${number}d`, "");
    } catch {
      context.addIssue({ code: "custom", message: `must be ${span}` });
      return z.NEVER;
    }
  }),
);

/** Entries separated by commas; in a file also a list of them. */
export function list(what: string, entry = /\S/): SettingType<string[], string | string[]> {
  const allowed = `${what}, separated by commas, none of them empty`;
  const text = z
    .string(must(allowed))
    .transform((all) => all.split(",").map((each) => each.trim()))
    .refine((entries) => entries.every((each) => entry.test(each)), must(allowed));
  const one = z.string(must("a text")).regex(entry, must(`one of ${what}`));
  return { allowed, text, file: z.union([text, z.array(one).min(1, must(`a list of ${what}, not an empty one`))], must(allowed)) };
}

export const files = { ...list("files or patterns such as operators/*.ts"), isPath: true } as const satisfies SettingType<string[]>;

const keys = "keys of printable ASCII without a colon, or <name>:sha256:<64 hex digits>:scopes=<read+run+admin>[:operators=<id+id>]";
const plain = z
  .string(must("a key, or { name, hash, scopes, operators }"))
  .regex(PLAIN_KEY, must("a key of printable ASCII without a colon"));
const ApiKeys = z
  .array(z.union([plain, HashedKey]))
  .min(1, must("a list of keys, not an empty one"))
  .superRefine(refuseTwice);

function refuseTwice(entries: readonly (string | HashedKey)[], context: z.RefinementCtx): void {
  const hashes = entries.map((entry) => (typeof entry === "string" ? undefined : entry.hash));
  hashes.forEach((hash, index) => {
    if (hash !== undefined && hashes.indexOf(hash) !== index)
      context.addIssue({ code: "custom", path: [index, "hash"], message: "must be another one: an entry before has it" });
  });
}

/** Also a line each, as a secret's file has them. */
export const apiKeys = {
  allowed: `${keys}, separated by commas`,
  text: z
    .string()
    .transform((text) =>
      text
        .trim()
        .split(/[,\n]/)
        .map((each) => readKeyEntry(each.trim())),
    )
    .pipe(ApiKeys),
  file: ApiKeys,
} satisfies SettingType;
