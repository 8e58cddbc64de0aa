/** Operators in YAML as authors use them: in code, by the command, over HTTP. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createScripted } from "@openvibe/llm/scripted";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { jsonLines } from "./cli/served-small.fixture.ts";
import { createRuntime, loadOperators } from "./index.ts";
import { openFolder, openvibe, startServer } from "./spawn-node.fixture.ts";

const DESK = `operators:
  - id: desk
    name: Desk
    workflows:
      - id: greet
        nodes:
          - { id: greeting, type: llm, model: haiku, prompt_file: prompts/greet.md }
          - { id: count, type: logic, writes: { letters: integer } }
`;
const FILES = { "operators.yaml": DESK, "prompts/greet.md": "Say hello to {{name}}!" };

async function openDesk(files: Readonly<Record<string, string>> = FILES) {
  const folder = await openFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return Object.assign(folder, { file: join(folder.path, "operators.yaml") });
}

const count = ({ greeting }: { greeting: string }) => ({ letters: greeting.length });
const llm = () => createScripted(({ user }) => user);
const HANDLERS = "export default { desk: { greet: { count: ({ greeting }: { greeting: string }) => ({ letters: greeting.length }) } } };";

describe("in code", () => {
  beforeEach(() => {
    for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY"]) vi.stubEnv(name, undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  test("loadOperators gives definitions for createRuntime and serve", async () => {
    await using folder = await openDesk();
    const operators = await loadOperators(folder.file, { handlers: { desk: { greet: { count } } } });
    await using runtime = await createRuntime({ operators, llm: llm() });

    const run = await (await runtime.activate("desk", "greet", { name: "Ann" })).ended();

    expect(run).toMatchObject({ status: "completed", output: { name: "Ann", greeting: "Say hello to Ann!", letters: 17 } });
  });

  test("a runtime of files starts at its first use, so that handlers may come before", async () => {
    await using folder = await openDesk();
    await using runtime = await createRuntime({ operators: [folder.file], llm: llm() });

    runtime.handler("desk", "greet", "count", count);
    const run = await (await runtime.activate("desk", "greet", { name: "Bob" })).ended();

    expect(run).toMatchObject({ status: "completed", output: { letters: 17 } });
    expect(() => runtime.handler("desk", "greet", "count", count)).toThrow("the runtime has started");
  });

  test("a handler that is missing is told at the start, and may still come", async () => {
    await using folder = await openDesk();
    await using runtime = await createRuntime({ operators: [folder.file], llm: llm() });

    await expect(runtime.start()).rejects.toThrow('runtime.handler("desk", "greet", "count", (state, ctx) => …)');
    await runtime.handler("desk", "greet", "count", count).start();

    expect((await (await runtime.activate("desk", "greet", {})).ended()).status).toBe("completed");
  });

  test.each([
    ["an unknown operator", ["dosk", "greet", "count"], "no YAML file of this runtime has an operator dosk"],
    ["an unknown node", ["desk", "greet", "cuont"], "has no node desk.greet.cuont; did you mean desk.greet.count?"],
  ] as const)("a handler for %s is refused", async (_what, [operator, workflow, node], what) => {
    await using folder = await openDesk();
    await using runtime = await createRuntime({ operators: [folder.file], llm: llm() });

    expect(() => runtime.handler(operator, workflow, node, count)).toThrow(expect.objectContaining({ code: "OV_CONFIG_INVALID" }) as Error);
    expect(() => runtime.handler(operator, workflow, node, count)).toThrow(what);
  });

  test("a handler twice is refused, and so is what is not started", async () => {
    await using folder = await openDesk();
    await using runtime = await createRuntime({ operators: [folder.file], llm: llm() });
    runtime.handler("desk", "greet", "count", count);

    expect(() => runtime.handler("desk", "greet", "count", count)).toThrow("desk.greet.count has a handler already");
    expect(() => runtime.context("context-x")).toThrow("await runtime.start() first");
  });

  test("what is wrong in the file is told when the runtime is made", async () => {
    await using folder = await openDesk({ "operators.yaml": DESK.replace("model:", "modle:") });

    await expect(createRuntime({ operators: [folder.file] })).rejects.toThrow(
      /operators\.yaml:7:40 there is no key "modle" here; did you mean "model"\?/,
    );
  });
});

const ENV = { OPENVIBE_STORE: "memory", OPENVIBE_LOG_LEVEL: "error" };

describe("by the command", () => {
  test("a file is served with the handlers beside it", async () => {
    await using folder = await openDesk({ ...FILES, "logic_handlers.ts": HANDLERS });
    await using server = await startServer(["operators.yaml"], { cwd: folder.path, env: ENV });

    const { out } = await openvibe(["run", "desk", "greet", "--input", '{"name":"Ann"}', "--wait", "--json"], {
      env: { OPENVIBE_URL: server.url },
    });

    expect(jsonLines(out).at(-1)).toMatchObject({ status: "completed", output: { greeting: "[echo] Say hello to Ann!", letters: 24 } });
  });

  test("validate tells what is wrong with file, line and column, and shows the line", async () => {
    await using folder = await openDesk({ "operators.yaml": DESK.replace("model:", "modle:") });

    const { code, out } = await openvibe(["validate", "operators.yaml"], { cwd: folder.path });

    expect(code).toBe(3);
    expect(out).toContain('operators.yaml:7:40 there is no key "modle" here; did you mean "model"?');
    expect(out).toContain("7 |           - { id: greeting, type: llm, modle: haiku");
  });

  test("a file is applied to a running server, serves at once, and goes again", async () => {
    await using folder = await openDesk({ ...FILES, "handlers.ts": HANDLERS });
    const env = { ...ENV, OPENVIBE_POSTED_OPERATORS: "only", OPENVIBE_HANDLER_FILES: join(folder.path, "handlers.ts") };
    await using server = await startServer([], { cwd: folder.path, env });
    const command = (...args: string[]) => openvibe(args, { cwd: folder.path, env: { OPENVIBE_URL: server.url } });

    const applied = await command("operators", "apply", "operators.yaml");
    const run = await command("run", "desk", "greet", "--input", '{"name":"Ann"}', "--wait", "--json");
    const again = await command("operators", "apply", "operators.yaml", "--json");
    const removed = await command("operators", "rm", "desk");
    const listed = await command("operators", "--json");

    expect(applied).toMatchObject({ code: 0, out: expect.stringMatching(/^desk has version [0-9a-f]{16}\n$/) as string });
    expect(jsonLines(run.out).at(-1)).toMatchObject({ status: "completed", output: { greeting: "[echo] Say hello to Ann!", letters: 24 } });
    expect(jsonLines(again.out)).toMatchObject([{ data: [{ id: "desk", posted: true }] }]);
    expect(removed).toMatchObject({ code: 0, out: "desk is removed\n" });
    expect(jsonLines(listed.out)).toMatchObject([{ data: [] }]);
  });
});
