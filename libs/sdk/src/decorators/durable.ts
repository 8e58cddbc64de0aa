import { markDurable } from "./marks.ts";
import { checkGiven, onClass } from "./place-checks.ts";
import type { ClassOrStatic } from "./workflow.ts";

/**
 * Bounds the life of a workflow's runs, waits included, as `workflow(…, { durable: { maxDays } })` does. Stands beside `@workflow`, above it or below.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function durable(options: { readonly maxDays: number }): ClassOrStatic {
  checkGiven("@durable", options, "{ maxDays: 14 }");
  return ((value: unknown, context: unknown) =>
    onClass("@durable", value, context, (workflowClass) => markDurable(workflowClass, { ...options }))) as ClassOrStatic;
}
