import { execFile } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import hello from "./examples/hello.example.ts";
import { revenueOps } from "./examples/revenue-ops.example.ts";

const here = dirname(fileURLToPath(import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

describe("what authors write", () => {
  test("type-checks as the documentation shows it, and what must not compile does not", async () => {
    const project = join(here, "..", "tsconfig.types.json");

    const checked = await promisify(execFile)(process.execPath, [tsc, "-p", project, "--pretty", "false"]).catch(
      (error: { stdout?: string }) => error,
    );

    expect(checked.stdout).toBe("");
  }, 60_000);

  test("at least 40 programs must not compile, some of each kind of step and of each spelling in code", async () => {
    const files = await Array.fromAsync(glob("**/*.test-d.ts", { cwd: here }));
    const refused = await Promise.all(
      files.map(async (file) => (await readFile(join(here, file), "utf8")).match(/^\s*\/\/ @ts-expect-error \S/gm)?.length ?? 0),
    );

    expect(Math.min(...refused)).toBeGreaterThan(0);
    expect(refused.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(40);
  });

  test("hello is one workflow of one step", () => {
    expect(hello.manifest.workflows).toMatchObject([
      { id: "greet", triggers: [{ id: "greet", on: "on_demand" }], steps: [{ id: "say_hello", kind: "llm" }] },
    ]);
    expect(hello.workflows.get("greet")?.openState({})).toEqual({ state: { greeting: "" }, ignoredInput: [] });
  });

  test("revenue operations has its two workflows, their steps in order, the arms inside", () => {
    expect(revenueOps.manifest.workflows.map(({ id, steps }) => [id, steps.map((step) => step.id)])).toEqual([
      ["lead_qualification", ["enrich", "score", "weigh", "route", "update_crm"]],
      ["nurture_sequence", ["assess_lead", "generate_touch", "evaluate"]],
    ]);
    expect([...(revenueOps.workflows.get("lead_qualification")?.steps.keys() ?? [])]).toContain("start_nurture");
  });
});
