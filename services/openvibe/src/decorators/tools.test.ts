/** The line that docs/decorators.md gives for each tool, run once. */
import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { openvibe, startNode } from "../spawn-node.fixture.ts";
import { openDecorated } from "./decorated.fixture.ts";

const PRINT = `import { definitionOf } from ${JSON.stringify(fileURLToPath(new URL("../index.ts", import.meta.url)))};
import Hello from "./hello.ts";
console.log(definitionOf(Hello).version);
`;
const versionIn = async (cwd: string, file: string) => {
  const { out } = await openvibe(["validate", file, "--json"], { cwd });
  return (JSON.parse(out) as { operators: { version: string }[] }).operators[0]?.version ?? "none";
};

test("tsx runs it with nothing to set up", async () => {
  await using folder = await openDecorated({ "main.ts": PRINT });

  const { code, out, err } = await startNode(["--import", import.meta.resolve("tsx"), join(folder.path, "main.ts")]).ended;

  expect([code, out.trim(), err]).toEqual([0, await versionIn(folder.path, "hello.ts"), ""]);
});

test("Vitest runs it with the plugin", async () => {
  await using folder = await openDecorated({
    "vitest.config.ts": `import { decorators } from "openvibe/decorators/vite";
export default { plugins: [decorators()], ssr: { resolve: { conditions: ["openvibe-source"] } } };
`,
    "hello.test.ts": `import { definitionOf } from "openvibe";
import { expect, test } from "vitest";
import Hello from "./hello.ts";
test("is an operator", () => expect(definitionOf(Hello).manifest.id).toBe("hello"));
`,
  });
  await symlink(fileURLToPath(new URL("../../../../tests/node_modules", import.meta.url)), join(folder.path, "node_modules"));

  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const { code, out } = await startNode([vitest, "run", "--root", folder.path], { cwd: folder.path }).ended;

  expect([code, out]).toEqual([0, expect.stringContaining("1 passed")]);
});

describe("esbuild", () => {
  const esbuild = createRequire(createRequire(import.meta.url).resolve("tsx/package.json")).resolve("esbuild/bin/esbuild");
  const build = async (cwd: string, ...flags: readonly string[]) => {
    const given = [
      "hello.ts",
      "--bundle",
      "--platform=node",
      "--format=esm",
      "--conditions=openvibe-source",
      "--outfile=built.mjs",
      ...flags,
    ];
    await promisify(execFile)(process.execPath, [esbuild, ...given, "--log-level=error"], { cwd });
  };

  test.each([
    ["86: minified", ["--minify"]],
    ["86: minified, with the names of classes kept", ["--minify", "--keep-names"]],
  ])("builds it %s, and ids and version stay", async (_, flags) => {
    await using folder = await openDecorated();

    await build(folder.path, "--target=node24", ...flags);

    expect(await versionIn(folder.path, "built.mjs")).toBe(await versionIn(folder.path, "hello.ts"));
  });

  test("85: with experimentalDecorators in the tsconfig it is refused at load, with the key to leave out", async () => {
    await using folder = await openDecorated({
      "tsconfig.json": '{ "compilerOptions": { "experimentalDecorators": true } }',
      "hello.ts": `import { operator } from "openvibe/decorators";
import { Count } from "./count.ts";
@operator({ id: "hello", name: "Hello", workflows: [Count] })
export default class Hello { count = 0; }
`,
    });

    await build(folder.path, "--target=node24");
    const { code, out } = await openvibe(["validate", "built.mjs"], { cwd: folder.path });

    expect([code, out.trim()]).toEqual([
      3,
      'fault built.mjs  cannot be loaded: @node: is called as a legacy decorator: leave "experimentalDecorators" out of tsconfig.json (compilerOptions), or set it to false; these are standard decorators',
    ]);
  });

  test("the command does not mind the tsconfig's experimentalDecorators", async () => {
    await using folder = await openDecorated({ "tsconfig.json": '{ "compilerOptions": { "experimentalDecorators": true } }' });

    expect(await openvibe(["validate", "hello.ts"], { cwd: folder.path })).toMatchObject({ code: 0 });
  });
});
