import { describe, expect, test } from "vitest";
import { isSource, mayHaveDecorators } from "./decorator-syntax.ts";

describe("a text has decorators", () => {
  test.each([
    "@operator({ id: 'a' })\nclass A {}",
    "  @node\n  update() {}",
    "@(make())\nclass A {}",
    "export default @operator({ id: 'a' }) class A {}",
    "export @operator({}) class A {}",
    "static Greet = @workflow({ id: 'g' })\n  class {}",
    "static Greet =\n    @workflow({ id: 'g' }) class {}",
    "use(@operator({}) class {})",
    "class A { @node update() {} }",
    "class A { x = 1; @node update() {} }",
    "@durable({ maxDays: 1 }) @workflow({}) static Greet = class {};",
  ])("%j", (text) => {
    expect(mayHaveDecorators(text)).toBe(true);
  });

  test.each([
    "const mail = 'ann@example.org';",
    'import { z } from "@openvibe/core";',
    "/** Sends it. @throws Error */",
    "/**\n * @example\n * {@link other}\n */",
    "// told by @ann",
    "export default 1;",
  ])("and not where there is none: %j", (text) => {
    expect(mayHaveDecorators(text)).toBe(false);
  });
});

test.each([
  ["/home/ann/hello.ts", true],
  ["/home/ann/hello.mts", true],
  ["/home/ann/hello.js", true],
  ["/home/ann/hello.cts", false],
  ["/home/ann/hello.json", false],
  ["/home/ann/node_modules/other/index.js", false],
  ["C:\\ann\\node_modules\\other\\index.js", false],
])("%s is a program's own module: %s", (path, own) => {
  expect(isSource(path)).toBe(own);
});
