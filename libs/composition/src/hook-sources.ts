import { HOOK_PRESETS, type HookSource, isHookSource } from "@openvibe/http/hook-source";
import { z } from "zod";
import type { SettingType } from "./setting-types.ts";

const LEAST_CHARACTERS = 8;
const presets = Object.keys(HOOK_PRESETS);
const allowed = `<source>=<preset>:<secret>, separated by commas or lines; presets are ${presets.join(", ")}; a secret has ${LEAST_CHARACTERS} characters or more`;
const must = (what: string) => ({ error: `must be ${what}` });

const Source = z.strictObject(
  {
    preset: z.enum(HOOK_PRESETS, must(presets.join(" or "))),
    secret: z.string(must("a text")).min(LEAST_CHARACTERS, must(`a secret of ${LEAST_CHARACTERS} characters or more`)),
  },
  { error: ({ code }) => (code === "unrecognized_keys" ? undefined : "must be { preset, secret }") },
);
const Sources: z.ZodType<Readonly<Record<string, HookSource>>, Readonly<Record<string, z.input<typeof Source>>>> = z
  .record(
    z.string().refine(isHookSource, must("the name of a source: up to 62 of a-z, 0-9 and -")),
    Source,
    must("{ <source>: { preset, secret } }"),
  )
  .refine((sources) => Object.keys(sources).length > 0, must("a list of sources, not an empty one"));

/** Whose webhooks are taken: on a line `github=github:<secret>`, in the file `{ github: { preset: "github", secret: "…" } }`. */
export const hookSources: SettingType<Readonly<Record<string, HookSource>>, z.input<typeof Sources>> = {
  allowed,
  file: Sources,
  text: z
    .string()
    .transform((text, context) => {
      const lines = text.split(/[,\n]/).map((line) => line.trim());
      const entries = lines.filter((line) => line !== "").map((line) => /^([^=]+)=([a-z]+):(.+)$/.exec(line));
      const sources = entries.map((entry) => [entry?.[1]?.trim() ?? "", { preset: entry?.[2] ?? "", secret: entry?.[3] ?? "" }] as const);
      if (entries.includes(null) || new Set(sources.map(([source]) => source)).size < sources.length) {
        context.addIssue({ code: "custom", message: `must be ${allowed}, each source once` });
        return z.NEVER;
      }
      return Object.fromEntries(sources);
    })
    .pipe(Sources as z.ZodType<Readonly<Record<string, HookSource>>, Readonly<Record<string, { preset: string; secret: string }>>>),
};
