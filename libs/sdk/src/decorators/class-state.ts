/**
 * The state of a class: each of its fields, with the value it begins with as default. The schema follows from that value: a text, a number, true or
 * false stay what they are; an array and an object may hold any JSON; `null` and no value at all stand for any JSON. `static state` says more.
 */
import { canonicalJson, findJsonFault, isPlainObject, messageOf, type OperatorClass, type State } from "@openvibe/core";
import { z } from "zod";
import { definitionFault } from "../definition-fault.ts";
import { readStateSchema } from "../state-schema.ts";
import { createOpenState } from "../state-values.ts";
import type { Class } from "./marks.ts";
import { WAIT_DURATION } from "./wait-duration.ts";

export interface ClassState {
  readonly schema: unknown;
  /** A state of defaults. */
  readonly openState: () => State;
}

type Fields = Readonly<Record<string, unknown>>;

/** The state of an operator's class. @throws OpenVibeError OV_DEFINITION_INVALID */
export function readClassState(operatorClass: OperatorClass, at: string): ClassState {
  const fields = readFields(operatorClass, at);
  const said = findStatic(operatorClass);
  if (Object.keys(fields).length === 0 && said === undefined)
    throw definitionFault(at, 'has no state: give it fields with defaults (greeting = ""), or a static state = z.object(…)');
  return toClassState(said === undefined ? z.object(toShape(fields, at)) : overlay(said, fields, at), at);
}

/** The state that a workflow's class has for itself; `undefined` where it has none. @throws OpenVibeError OV_DEFINITION_INVALID */
export function readOwnState(workflowClass: Class, at: string): ClassState | undefined {
  const said = findStatic(workflowClass);
  return said === undefined ? undefined : toClassState(said, at);
}

function toClassState(schema: unknown, at: string): ClassState {
  const read = readStateSchema(schema, at);
  if (read.fields.has(WAIT_DURATION))
    throw definitionFault(`${at}, state field "${WAIT_DURATION}"`, "the name is reserved: a @node returns it to let time pass");
  const open = createOpenState(read, at);
  return { schema, openState: () => open({}).state };
}

/** Its own, or that of the class it extends, as with fields. */
function findStatic(owner: object): unknown {
  return (owner as { readonly state?: unknown }).state;
}

/** Made twice: a default that is another one each time would make another version of the definition in each process. */
function readFields(operatorClass: OperatorClass, at: string): Fields {
  const [first, second] = [make(operatorClass, at), make(operatorClass, at)];
  for (const [name, value] of Object.entries(first)) {
    const fieldAt = `${at}, field ${name}`;
    if (value === undefined) continue;
    const fault = findJsonFault(value);
    if (fault !== undefined)
      throw definitionFault(
        fieldAt,
        `its default${fault.pointer === "" ? "" : ` at ${fault.pointer}`} ${fault.detail}; allowed is a text, a number, true or false, null, an array or an object of these`,
      );
    if (canonicalJson(value) !== canonicalJson(second[name] as never))
      throw definitionFault(fieldAt, "its default must be the same every time");
  }
  return first;
}

function make(operatorClass: OperatorClass, at: string): Fields {
  try {
    return { ...new operatorClass() };
  } catch (cause) {
    throw definitionFault(at, `cannot be made without arguments, which is how its fields are read (${messageOf(cause)})`, cause);
  }
}

function toShape(fields: Fields, at: string): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, toSchema(value, `${at}, field ${name}`)]));
}

function toSchema(value: unknown, at: string): z.ZodType {
  if (typeof value === "string") return z.string().default(value);
  if (typeof value === "number") return z.number().default(value);
  if (typeof value === "boolean") return z.boolean().default(value);
  if (Array.isArray(value)) return z.array(z.unknown()).default(value);
  if (isPlainObject(value)) return z.record(z.string(), z.unknown()).default({ ...value });
  if (value === null) return z.unknown().default(null);
  if (value === undefined) return z.unknown().optional();
  throw definitionFault(at, `a value of type ${typeof value} is no state`);
}

/** `static state` says more about some fields: where the class has a value for one, that is its default. */
function overlay(said: unknown, fields: Fields, at: string): unknown {
  const object = said as z.ZodObject;
  const { def } = (said as Partial<z.ZodObject> | null)?._zod ?? {};
  if (def?.type !== "object") return said; // whoever reads the schema says what is allowed
  const shape = Object.entries({ ...fields, ...def.shape }).map(([name]) => {
    const [schema, value] = [def.shape[name] as z.ZodType | undefined, fields[name]];
    if (schema === undefined) return [name, toSchema(value, `${at}, field ${name}`)] as const;
    return [name, value === undefined ? schema : schema.default(value as never)] as const;
  });
  // Made by the author's zod, with the checks that stand on the whole.
  return object.clone({ ...def, shape: Object.fromEntries(shape) });
}
