import { type JsonObject, type JsonSchema, type Logger, OpenVibeError, type WorkflowManifest } from "@openvibe/core";
import { compileSchema, type ErrorObject, toDetails, type ValidateFunction } from "./schema-check.ts";

/** Checks a run's input. Gives what is kept of it. */
export type InputCheck = (input: JsonObject) => { readonly input: JsonObject; readonly ignoredInput: readonly string[] };

/**
 * Compiles the check of a workflow's input, from its manifest alone: keys that are no state field are dropped and told, the rest must fit the schema.
 * A schema that cannot be compiled here checks nothing: the run's first claim does, with the operator's own code.
 * @throws (the check) OpenVibeError OV_INPUT_INVALID
 */
export function createInputCheck(workflow: WorkflowManifest, where: string, logger: Logger): InputCheck {
  const fields = new Set(workflow.state_fields);
  const validate = compile(workflow.input_schema, where, logger);
  return (given) => {
    const keys = Object.keys(given);
    const ignoredInput = keys.filter((key) => !fields.has(key));
    const input = ignoredInput.length === 0 ? given : Object.fromEntries(Object.entries(given).filter(([key]) => fields.has(key)));
    if (validate?.(input) === false) throw inputInvalid(where, validate.errors ?? [], input);
    return { input, ignoredInput };
  };
}

function compile(schema: JsonSchema, where: string, logger: Logger): ValidateFunction | undefined {
  try {
    return compileSchema(schema);
  } catch (cause) {
    logger.warn({ what: where, err: cause }, "an input schema cannot be compiled, so that input is checked by the worker only");
    return undefined;
  }
}

function inputInvalid(where: string, found: readonly ErrorObject[], input: JsonObject): OpenVibeError {
  const errors = toDetails(found, "/input");
  const [first] = errors;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  const said = first === undefined ? `does not fit (${Object.keys(input).join(", ")})` : `${first.pointer}: ${first.detail}${more}`;
  return new OpenVibeError("OV_INPUT_INVALID", `input of ${where} at ${said}`, { errors });
}
