import { describe, expect, test } from "vitest";
import type { OperatorDefinition } from "./definition.ts";
import { defineOperatorClass, definitionOf, findOperatorClass } from "./operator-class.ts";

const definition = { manifest: { id: "hello" } } as OperatorDefinition;

describe("a class that stands for an operator", () => {
  class Hello {}
  defineOperatorClass(Hello, definition);

  test("gives its definition, as a definition gives itself", () => {
    expect(definitionOf(Hello)).toBe(definition);
    expect(definitionOf(definition)).toBe(definition);
    expect(findOperatorClass(Hello)).toBe(definition);
  });

  test("does not make its children operators, nor anything else", () => {
    class Child extends Hello {}

    for (const value of [Child, class {}, () => {}, {}, null, undefined, "hello"]) expect(findOperatorClass(value)).toBeUndefined();
  });

  test("without its decorator is refused by name, with what to write", () => {
    class Plain {}
    const refusal = (message: string) => expect.objectContaining({ code: "OV_DEFINITION_INVALID", message });

    expect(() => definitionOf(Plain)).toThrow(
      refusal("class Plain is no operator: put @operator({ id, name }) on it, or hand over what operator(…) gives"),
    );
    expect(() => definitionOf(class {})).toThrow(
      refusal("class (without a name) is no operator: put @operator({ id, name }) on it, or hand over what operator(…) gives"),
    );
  });
});
