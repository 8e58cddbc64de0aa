import { type JsonObject, type JsonSchema, type Logger, OpenVibeError, type ProblemDetail, type WorkflowManifest } from "@openvibe/core";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

const MAX_ERRORS = 20;

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
  // An instance for each: `$id`s of two operators, or of two versions, may be the same.
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false, logger: false, verbose: true });
  try {
    return ajv.compile(schema);
  } catch (cause) {
    logger.warn({ workflow: where, err: cause }, "an input schema cannot be compiled, so that input is checked by the worker only");
    return undefined;
  }
}

function inputInvalid(where: string, found: readonly ErrorObject[], input: JsonObject): OpenVibeError {
  const errors = found.slice(0, MAX_ERRORS).map(toDetail);
  const [first] = errors;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  const said = first === undefined ? `does not fit (${Object.keys(input).join(", ")})` : `${first.pointer}: ${first.detail}${more}`;
  return new OpenVibeError("OV_INPUT_INVALID", `input of ${where} at ${said}`, { errors });
}

function toDetail({ instancePath, keyword, message = "is not allowed", params, data }: ErrorObject): ProblemDetail {
  const { missingProperty, additionalProperty, allowedValues } = params as Readonly<Record<string, unknown>>;
  const child = [missingProperty, additionalProperty].find((name) => typeof name === "string");
  const pointer = `/input${instancePath}${child === undefined ? "" : `/${child.replaceAll("~", "~0").replaceAll("/", "~1")}`}`;
  if (keyword === "type") return { pointer, detail: `${message}, got ${typeOf(data)}` };
  if (Array.isArray(allowedValues))
    return { pointer, detail: `must be one of ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}` };
  return { pointer, detail: message };
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
