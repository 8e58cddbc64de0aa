/** Whether a decorator stands where it may. What is found wrong is thrown while the class is being made, so the message names the member. */
import { isPlainObject } from "@openvibe/core";
import { definitionFault } from "../definition-fault.ts";

const LEGACY =
  'is called as a legacy decorator: leave "experimentalDecorators" out of tsconfig.json (compilerOptions), or set it to false; these are standard decorators';

/** @throws OpenVibeError OV_DEFINITION_INVALID where a compiler emits the decorators that TypeScript had before the standard */
export function checkStandard(decorator: string, context: unknown): asserts context is DecoratorContext {
  if (typeof context !== "object" || context === null || !("kind" in context)) throw definitionFault(decorator, LEGACY);
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function checkMethod(
  decorator: string,
  method: unknown,
  context: unknown,
  find: (method: unknown) => unknown,
): asserts method is object {
  checkStandard(decorator, context);
  const at = `${decorator} on ${describe(context)}`;
  if (context.kind !== "method" || context.static || context.private || typeof context.name === "symbol")
    throw definitionFault(at, "allowed is a method of a workflow's class that is neither static nor private and has a name");
  if (find(method) !== undefined)
    throw definitionFault(at, "the method is a step already; allowed is one of the decorators that make a step");
}

/** Calls `mark` with the class that the decorator stands on, or that becomes the value of its static field. @throws OpenVibeError OV_DEFINITION_INVALID */
export function onClass<V>(decorator: string, value: V, context: unknown, mark: (value: object) => void): ((initial: V) => V) | undefined {
  checkStandard(decorator, context);
  const at = `${decorator} on ${describe(context)}`;
  if (context.kind === "class") {
    mark(value as object);
    return undefined;
  }
  if (context.kind !== "field" || !context.static)
    throw definitionFault(at, "allowed is a class, or a static field that holds one: static Greet = class { … }");
  return (initial) => {
    if (typeof initial !== "function") throw definitionFault(at, "the field holds no class; allowed is static Greet = class { … }");
    mark(initial);
    return initial;
  };
}

/** @throws OpenVibeError OV_DEFINITION_INVALID for `@workflow` without its parentheses, and for what is no object */
export function checkGiven(decorator: string, options: unknown, example: string): void {
  if (!isPlainObject(options) || "kind" in options)
    throw definitionFault(decorator, `its options are missing; write ${decorator}(${example})`);
}

/** `static field Greet`, `method sayHello`. */
function describe(context: DecoratorContext): string {
  const { kind, name } = context;
  const words = [
    kind !== "class" && context.static && "static",
    kind !== "class" && context.private && "private",
    kind,
    String(name ?? ""),
  ];
  return words.filter((word) => word !== false && word !== "").join(" ");
}
