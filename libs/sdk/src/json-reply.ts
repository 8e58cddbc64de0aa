import {
  isOpenVibeError,
  type JsonSchema,
  type JsonValue,
  messageOf,
  OpenVibeError,
  type Patch,
  type ProblemDetail,
  parseStrictJson,
} from "@openvibe/core";
import type { z } from "zod";
import { toJsonSchema } from "./json-schema.ts";
import type { StateField } from "./state-schema.ts";
import { describeDetails, toDetails } from "./zod-details.ts";
import { objectLike } from "./zod-kin.ts";

const FENCE = "```";

/** The reply without white space around it and without the one Markdown code fence that may hold the whole of it. */
function unfence(reply: string): string {
  const text = reply.trim();
  if (text.length < 2 * FENCE.length || !text.startsWith(FENCE) || !text.endsWith(FENCE)) return text;
  return text.slice(FENCE.length, -FENCE.length).replace(/^json/i, "");
}

/**
 * Reads a model's reply as JSON: trimmed, one whole Markdown code fence allowed, strict (no key twice). `undefined` when it is not JSON;
 * JSON inside prose is never looked for. For `parse`, where a workflow has rules of its own.
 */
export function findJsonReply(reply: string): JsonValue | undefined {
  try {
    return parseStrictJson(unfence(reply), "the answer");
  } catch (error) {
    if (isOpenVibeError(error)) return undefined;
    throw error;
  }
}

export interface JsonReply {
  /** What a vendor that supports it is asked to keep to: every field required, nothing else allowed. */
  readonly schema: JsonSchema;
  /** @throws OpenVibeError OV_LLM_OUTPUT_INVALID; its message is shown to the model in the one repair attempt */
  read(reply: string): Patch;
}

/** The JSON answer that fills these fields of the author's `state`. Defaults are left out: with them an answer that lacks a score would read as 0. */
export function createJsonReply(fields: readonly StateField[], state: z.ZodObject): JsonReply {
  const schema = objectLike(state, Object.fromEntries(fields.map(({ name, schema }) => [name, schema]))).strict();
  const wanted = `the answer must be one JSON object with the keys ${fields.map(({ name }) => JSON.stringify(name)).join(", ")} and no others`;
  return {
    schema: toJsonSchema(schema, "output"),
    read(reply) {
      const result = check(schema, parse(reply, wanted));
      if (result.success) return result.data;
      throw invalid(wanted, toDetails(result.error.issues));
    },
  };
}

/** The text answer that fills this field, unchanged. */
export function createTextReply({ name, schema }: StateField): (reply: string) => Patch {
  return (reply) => {
    const result = check(schema, reply);
    if (result.success) return { [name]: reply };
    throw invalid(`the answer must fit the field ${JSON.stringify(name)}`, toDetails(result.error.issues, `/${name}`));
  };
}

function parse(reply: string, wanted: string): JsonValue {
  try {
    return parseStrictJson(unfence(reply), "it");
  } catch (cause) {
    throw new OpenVibeError("OV_LLM_OUTPUT_INVALID", `${wanted}: ${messageOf(cause)}`, { cause });
  }
}

/** A check of the author's that throws says no, in its words. */
function check<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    throw new OpenVibeError("OV_LLM_OUTPUT_INVALID", `the answer cannot be checked: ${messageOf(cause)}`, { cause });
  }
}

function invalid(wanted: string, errors: readonly ProblemDetail[]): OpenVibeError {
  return new OpenVibeError("OV_LLM_OUTPUT_INVALID", `${wanted}: ${describeDetails(errors)}`, { errors });
}
