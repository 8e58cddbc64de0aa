/**
 * What the bodies of the API are made of. All schemas here are for the OpenAPI document and for tests, never on a request's way: what is sent is made by
 * `toRunBody` and its kin.
 */
import type { JsonValue } from "@openvibe/core";
import { z } from "zod";

/** By its own name, not `z.json()`: a recursive schema without one would be called `__schema0` in the document. */
export const Json: z.ZodType<JsonValue> = z
  .lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(Json), z.record(z.string(), Json)]))
  .meta({ id: "Json", description: "Any JSON value." });

export const JsonObject = z.record(z.string(), Json);
export const Time = z.iso.datetime().describe("ISO 8601, UTC.");

/** A page of a list; `next_cursor` asks for the next one, and is null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });
}
