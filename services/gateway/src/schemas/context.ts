/** The bodies of shared context. */
import { z } from "zod";
import { Json, Time } from "./json.ts";

export const ContextEntryBody = z
  .object({ bucket: z.string(), key: z.string(), value: Json, revision: z.int(), updated_at: Time })
  .meta({ id: "ContextEntry" });

export const ContextKeyBody = z
  .object({
    key: z.string(),
    revision: z.int(),
    created_at: Time.describe("When this revision was written: the entry's updated_at."),
    size: z.int().describe("Bytes of the value's JSON."),
  })
  .meta({ id: "ContextKey" });

export const ContextWrittenBody = z.object({ bucket: z.string(), key: z.string(), revision: z.int() }).meta({ id: "ContextWritten" });
