/** JSON Schemas of manifests and questions, and what is wrong with a value in words. */
import type { JsonSchema, ProblemDetail } from "@openvibe/core";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

export type { ErrorObject, ValidateFunction };

const MAX_ERRORS = 20;

/** @throws Error when the schema cannot be compiled */
export function compileSchema(schema: JsonSchema): ValidateFunction {
  // An instance for each: `$id`s of two operators, or of two versions, may be the same.
  return new Ajv2020({ allErrors: true, strict: false, validateFormats: false, logger: false, verbose: true }).compile(schema);
}

/** `root` is the JSON pointer of the value in the caller's body. */
export function toDetails(found: readonly ErrorObject[], root: string): ProblemDetail[] {
  return found.slice(0, MAX_ERRORS).map((error) => toDetail(error, root));
}

function toDetail({ instancePath, keyword, message = "is not allowed", params, data }: ErrorObject, root: string): ProblemDetail {
  const { missingProperty, additionalProperty, allowedValues } = params as Readonly<Record<string, unknown>>;
  const child = [missingProperty, additionalProperty].find((name) => typeof name === "string");
  const pointer = `${root}${instancePath}${child === undefined ? "" : `/${child.replaceAll("~", "~0").replaceAll("/", "~1")}`}`;
  if (keyword === "type") return { pointer, detail: `${message}, got ${typeOf(data)}` };
  if (Array.isArray(allowedValues))
    return { pointer, detail: `must be one of ${allowedValues.map((value) => JSON.stringify(value)).join(", ")}` };
  return { pointer, detail: message };
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
