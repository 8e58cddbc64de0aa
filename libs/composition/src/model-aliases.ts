import { didYouMean, nearestNames } from "@openvibe/core";
import { isAlias, MODEL_ALIASES, type ModelAlias } from "@openvibe/llm";
import { z } from "zod";
import type { SettingType } from "./setting-types.ts";

type Aliases = Readonly<Partial<Record<ModelAlias, string>>>;

const names = MODEL_ALIASES.join(", ");
const allowed = `<alias>=<model>, separated by commas; aliases are ${names}`;
const must = (what: string) => ({ error: `must be ${what}` });

const file = z
  .record(
    z.string(),
    z.string(must("a model's id or an alias")).regex(/^\S+$/, must("a model's id or an alias, without spaces")),
    must("{ <alias>: <model> }"),
  )
  .superRefine((given, context) => {
    for (const name of Object.keys(given))
      if (!isAlias(name))
        context.addIssue({
          code: "custom",
          path: [name],
          message: `must be an alias, one of ${names}${didYouMean(nearestNames(name, MODEL_ALIASES))}`,
        });
  }) as unknown as z.ZodType<Aliases, Aliases>;

/** What aliases stand for: on a line `fast=claude-sonnet-5-5`, in the file `{ fast: "claude-sonnet-5-5" }`. */
export const modelAliases: SettingType<Aliases, Aliases> = {
  allowed,
  file,
  text: z
    .string()
    .transform((text, context) => {
      const entries = text.split(",").map((entry) => /^([^=]+)=(.+)$/.exec(entry.trim()));
      const pairs = entries.map((entry) => [entry?.[1]?.trim() ?? "", entry?.[2]?.trim() ?? ""] as const);
      if (entries.includes(null) || new Set(pairs.map(([alias]) => alias)).size < pairs.length) {
        context.addIssue({ code: "custom", message: `must be ${allowed}, each alias once` });
        return z.NEVER;
      }
      return Object.fromEntries(pairs) as Aliases;
    })
    .pipe(file),
};
