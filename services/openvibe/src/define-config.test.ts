/** The configuration file, as the command, `serve` and `createRuntime` find it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, expectTypeOf, test } from "vitest";
import { defineConfig } from "./index.ts";
import { HELLO, openFolder, openvibe, startNode, startServer } from "./spawn-node.fixture.ts";

const INDEX = new URL("./index.ts", import.meta.url).href;

describe("defineConfig", () => {
  test("knows every setting, and what it may be", () => {
    type Config = Parameters<typeof defineConfig>[0];

    expectTypeOf<Config["port"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Config["bus"]>().toEqualTypeOf<"memory" | "nats" | "redis" | undefined>();
    expectTypeOf<Config["operators"]>().toEqualTypeOf<string | string[] | undefined>();
    expectTypeOf<Config["databaseUrl"]>().toEqualTypeOf<string | { readonly file: string } | undefined>();
    // @ts-expect-error there is no such setting
    expect(defineConfig({ prot: 1 })).toEqual({ prot: 1 }); // checked when it is read
  });
});

describe("a program finds its configuration file", () => {
  test("in its working folder, where it may be code", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "my_one.ts"), `export { default } from ${JSON.stringify(HELLO)};`);
    const config = `import { defineConfig } from ${JSON.stringify(INDEX)}; export default defineConfig({ operators: "my_*.ts", sqlitePath: "kept/runs.db", logLevel: "error" });`;
    await writeFile(join(folder.path, "openvibe.config.ts"), config);

    await using server = await startServer([], { cwd: folder.path });

    expect(server.said.out).toMatch(/OpenVibe serves hello at .*\n.*store \S*kept\/runs\.db\n/);
  });

  test("where --config says, which goes before OPENVIBE_CONFIG, and tells a wrong line", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "mine.yaml"), "store: memory\nanthropicApikey: sk-ant-very-secret\n");

    const { code, err, out } = await openvibe(["serve", "--config", "mine.yaml", HELLO], {
      cwd: folder.path,
      env: { OPENVIBE_CONFIG: "none.yaml" },
    });

    expect([code, err, out]).toEqual([
      3,
      'openvibe: mine.yaml:2:1 "anthropicApikey" is no setting of OpenVibe; did you mean anthropicApiKey?\n',
      "",
    ]);
  });

  test("also when it makes a runtime, whose own store goes before it", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "openvibe.config.yaml"), "slots: none\n");
    const code = `const { createRuntime } = await import(${JSON.stringify(INDEX)}); await createRuntime({ operators: [] });`;

    const refused = await startNode(["--input-type=module", "-e", code], { cwd: folder.path }).ended;

    expect(refused.err).toContain("openvibe.config.yaml:1:1 slots must be a whole number from 1 to 10000");
  });
});
