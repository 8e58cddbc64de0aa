import type { OperatorDefinition } from "./definition.ts";
import { OpenVibeError } from "./problems.ts";

/** A class that `@operator` stands on; any class by its type, as a decorator cannot change that. */
export type OperatorClass = new () => object;

/** What may stand wherever an operator is wanted. */
export type AnyOperator = OperatorDefinition | OperatorClass;

/** On every copy of the library: the command and the author's file may each have one. */
const DEFINITION = Symbol.for("openvibe.definition");

/** Lets the class stand for this definition. */
export function defineOperatorClass(operatorClass: OperatorClass, definition: OperatorDefinition): void {
  Object.defineProperty(operatorClass, DEFINITION, { value: definition });
}

/** The definition that a class stands for; `undefined` for anything else. A class that only extends such a class is none itself. */
export function findOperatorClass(value: unknown): OperatorDefinition | undefined {
  return typeof value === "function" && Object.hasOwn(value, DEFINITION)
    ? (value as unknown as { readonly [DEFINITION]: OperatorDefinition })[DEFINITION]
    : undefined;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID for a class without `@operator` */
export function definitionOf(operator: AnyOperator): OperatorDefinition {
  if (typeof operator !== "function") return operator;
  const definition = findOperatorClass(operator);
  if (definition !== undefined) return definition;
  throw new OpenVibeError(
    "OV_DEFINITION_INVALID",
    `class ${operator.name || "(without a name)"} is no operator: put @operator({ id, name }) on it, or hand over what operator(…) gives`,
  );
}
