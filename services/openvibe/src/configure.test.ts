import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { configure, createRuntime, type Defaults } from "./index.ts";
import { small } from "./small-operator.fixture.ts";
import { HELLO, openFolder, startNode, startServer } from "./spawn-node.fixture.ts";

const INDEX = new URL("./index.ts", import.meta.url).href;
const SAID = Symbol.for("openvibe.configured");

beforeEach(() => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  delete (globalThis as { [SAID]?: unknown })[SAID];
});

const open = () => createRuntime({ operators: [small] });
const refusal = (message: string) => ({ code: "OV_CONFIG_INVALID", message: expect.stringContaining(message) as string });

describe("configure", () => {
  test("says what holds where options, environment and file say nothing; a later call adds to it", async () => {
    configure({ namespace: "Not An Id", slots: 1 });
    await expect(open()).rejects.toMatchObject(refusal("configure(): namespace must be an id"));

    configure({ namespace: "mine", llm: "anthropic" });
    await expect(open()).rejects.toMatchObject(refusal("OPENVIBE_LLM is anthropic, which needs ANTHROPIC_API_KEY"));

    configure({ apiKey: "sk-ant-test" });
    await using runtime = await open();
    expect(await (await runtime.activate(small, "add", { n: 1 })).ended()).toMatchObject({ output: { n: 2 } });
  });

  test("says what aliases of models stand for; a wrong one stops the start", async () => {
    configure({ llm: "echo", modelAliases: { haiku: "sonet" } });
    await expect(open()).rejects.toMatchObject(refusal("what haiku stands for is no model's id"));

    configure({ modelAliases: { haiku: "claude-opus-4-6" } });
    await using runtime = await open();
    expect(await (await runtime.activate(small, "add", { n: 1 })).ended()).toMatchObject({ output: { n: 2 } });
  });

  test("gives way to the environment", async () => {
    configure({ llm: "anthropic" });
    vi.stubEnv("OPENVIBE_LLM", "echo");
    await using runtime = await open();

    expect((await (await runtime.activate(small, "greet", {})).ended()).output.greeting).toContain("Say hello!");
  });

  test("gives way to the configuration file, and to serve's options; that is where it is served", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "openvibe.config.yaml"), "store: memory\n");
    const code = `
      const { configure, serve } = await import(${JSON.stringify(INDEX)});
      const { default: hello } = await import(${JSON.stringify(HELLO)});
      configure({ store: "postgres", port: 1, host: "127.0.0.2" });
      await serve(hello, { port: 0 });`;
    await using running = startNode(["--input-type=module", "-e", code], { cwd: folder.path });

    const [said] = await running.until(/ at http:\/\/127\.0\.0\.2:\d+\n.*store memory/);

    expect(said).not.toContain(":1\n");
  });

  test("in an operator's file counts for the command that serves it", async () => {
    await using folder = await openFolder();
    const file = join(folder.path, "mine.ts");
    await writeFile(
      file,
      `import { configure } from ${JSON.stringify(INDEX)}; configure({ store: "memory" }); export { default } from ${JSON.stringify(HELLO)};`,
    );

    await using server = await startServer([file], { cwd: folder.path });

    expect(server.said.out).toContain("store memory");
  });

  test("is refused while a server or runtime runs, which would not hear of it", async () => {
    await using runtime = await open();
    expect(() => configure({ slots: 1 })).toThrow(expect.objectContaining(refusal("configure() comes too late")));

    await runtime[Symbol.asyncDispose]();
    await runtime[Symbol.asyncDispose]();

    expect(() => configure({ slots: 1 })).not.toThrow();
    await using _second = await open();
    expect(() => configure({ slots: 2 })).toThrow(expect.objectContaining(refusal("configure() comes too late")));
  });

  test("names what is no setting, and a key that nobody takes", async () => {
    // @ts-expect-error there is no such setting
    configure({ slot: 1 });

    await expect(open()).rejects.toMatchObject(refusal('configure(): "slot" is no setting of OpenVibe; did you mean slots?'));
    expect(() => configure({ llm: "echo", apiKey: "sk" })).toThrow(expect.objectContaining(refusal("llm is echo")));
  });

  test("knows every setting by the name it has in the file", () => {
    expectTypeOf<Defaults["llm"]>().toEqualTypeOf<"anthropic" | "echo" | undefined>();
    expectTypeOf<Defaults["keepRuns"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Defaults["apiKey"]>().toEqualTypeOf<string | undefined>();
  });
});
