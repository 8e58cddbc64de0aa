import type { JsonSchema } from "@openvibe/core";
import { z } from "zod";
import { OperatorsForm } from "./form.ts";

/** JSON Schema of a file of operators, for editors: draft 7, which they know best. */
export function toEditorSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(OperatorsForm, { io: "input", target: "draft-7" });
  return JSON.parse(JSON.stringify({ $schema, title: "OpenVibe operators", ...schema })) as JsonSchema;
}
