import { readFile } from "node:fs/promises";
import { definitionOf } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import Hello from "./examples/hello.decorated.example.ts";
import hello from "./examples/hello.values.example.ts";
import LeadQualification from "./examples/lead-qualification.decorated.example.ts";
import leadQualification from "./examples/lead-qualification.values.example.ts";
import Nurture from "./examples/nurture.decorated.example.ts";
import nurture from "./examples/nurture.values.example.ts";

const EXAMPLES = [
  { name: "hello", decorated: Hello, values: hello },
  { name: "lead-qualification", decorated: LeadQualification, values: leadQualification },
  { name: "nurture", decorated: Nurture, values: nurture },
];

describe.each(EXAMPLES)("the example $name", ({ name, decorated, values }) => {
  test("is one definition in both spellings: the same manifest, the same version", () => {
    const { manifest, version } = definitionOf(decorated);

    expect(manifest).toEqual(values.manifest);
    expect(version).toBe(values.version);
  });

  test.each(["decorated", "values"])("stands %s in docs/decorators.md as it stands here", async (spelling) => {
    const page = await readFile(new URL("../../../../docs/decorators.md", import.meta.url), "utf8");
    const text = await readFile(new URL(`./examples/${name}.${spelling}.example.ts`, import.meta.url), "utf8");

    expect(page).toContain(text.replace('"../index.ts"', '"openvibe/decorators"').replace('"../../index.ts"', '"openvibe"'));
  });
});
