import type { JsonObject } from "openvibe";
import { z } from "zod";

/** Fields as our operators' states have them. Each has its default, as a run may begin without input. */
export const text = () => z.string().default("");
export const flag = () => z.boolean().default(false);
export const number = (fallback: number) => z.number().default(fallback);

/** A number that runs are given from outside, where it may come as text or null: read it with `readNumber`. */
export const givenNumber = (fallback: number) => z.union([z.number(), z.string(), z.null()]).default(fallback);

// The runtime has already seen that a value is plain JSON; checking every level again would cost and say nothing new.
const anyObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>;

export const object = () => anyObject.default({});
export const objectOrNull = () => anyObject.nullable().default(null);
export const list = () => z.array(anyObject).readonly().default([]);
