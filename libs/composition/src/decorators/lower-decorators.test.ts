import { describe, expect, test, vi } from "vitest";
import { lowerDecorators } from "./lower-decorators.ts";

describe("decorators are rewritten", () => {
  test("with the types, into what Node runs; a source map leads back", () => {
    const text = "const mark = (_: unknown, { name }: { name: string }) => console.log(name);\nexport class A { @mark say(): void {} }\n";

    const lowered = lowerDecorators(text, "/tmp/a.ts");

    expect(lowered).toMatchObject({ code: expect.stringContaining("export class A {"), map: expect.stringContaining("a.ts") });
    expect(lowered).not.toMatchObject({ code: expect.stringMatching(/@mark|: unknown|sourceMappingURL/) });
  });

  test("and imports stay as they are written, as Node leaves them", () => {
    expect(lowerDecorators('import { a } from "./a.ts";\n@dec class A {}\n', "b.ts")).toMatchObject({
      code: expect.stringContaining('import { a } from "./a.ts";'),
    });
  });

  test.each([
    ["what does not parse", "@dec class {{", "c.ts", /^c\.ts:1:\d+: Expected /],
    ["types in JavaScript", "@dec class A { x: number }", "c.mjs", /^c\.mjs:1:17: Expected /],
  ])("%s is told with file, line and column", (_, text, file, fault) => {
    expect(lowerDecorators(text, file)).toEqual({ fault: expect.stringMatching(fault) });
  });

  test("where esbuild was left out, or there is none for the machine, the package to install is told", async () => {
    const arch = Object.getOwnPropertyDescriptor(process, "arch") ?? {};
    try {
      Object.defineProperty(process, "arch", { ...arch, value: "sparc" });
      vi.resetModules();
      const elsewhere = await import("./lower-decorators.ts");

      expect(elsewhere.lowerDecorators("@dec class A {}", "hello.ts")).toEqual({
        fault: expect.stringMatching(
          /^hello\.ts has decorators, .* not installed for \w+-sparc: install @esbuild\/\w+-sparc beside openvibe/,
        ),
      });
    } finally {
      Object.defineProperty(process, "arch", arch);
    }
  });
});
