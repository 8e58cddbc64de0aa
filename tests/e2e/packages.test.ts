/** What is published, as somebody gets it who installs it: packed, installed by plain npm into an empty folder, and used from there. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@openvibe/stack";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, type Page, readPage } from "../support/docs-page.ts";
import { until } from "../support/e2e-until.ts";
import { installPackages, type Packed, packPackages, ROOT } from "../support/installed.ts";
import { openTerminal } from "../support/terminal.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

let packed: Packed;
let folder: string;
let readme: Page;

beforeAll(async () => {
  packed = await packPackages();
  folder = await installPackages(packed);
  readme = await readPage("README.md");
}, 300_000);

afterAll(async () => await packed?.[Symbol.asyncDispose]());

const run = promisify(execFile);
const manifestOf = async (tarball: string) => JSON.parse((await run("tar", ["xzOf", tarball, "package/package.json"])).stdout) as Manifest;
const SERVES = /^OpenVibe serves \S.* at http:\S+$/m;

describe("a tarball", () => {
  test("holds the built program, its types, the data it names, and what every package has; no source, no test, no map", async () => {
    for (const tarball of packed.tarballs) {
      const files = (await run("tar", ["tzf", tarball])).stdout.trim().split("\n");
      const data = (await manifestOf(tarball)).files.filter((name) => name !== "dist").map((name) => `package/${name}`);
      const others = files.filter((file) => !/^package\/dist\/.*\.(js|d\.ts)$/.test(file) && !data.some((name) => file.startsWith(name)));

      expect([basename(tarball), others.filter((file) => file !== "package/LICENSE").sort()]).toEqual([
        basename(tarball),
        ["package/README.md", "package/package.json"],
      ]);
      for (const name of data) expect(files.some((file) => file.startsWith(name))).toBe(true);
      // The project that `openvibe init` writes has a test of its own, which is data here.
      const program = files.filter((file) => !data.some((name) => file.startsWith(name)));
      expect(program.filter((file) => /\.test|\.fixture|-for-tests|\/contract\/|\/test-rig\//.test(file))).toEqual([]);
      for (const file of files.filter((name) => name.endsWith(".js"))) expect(files).toContain(file.replace(/\.js$/, ".d.ts"));
    }
  });

  test("has the one version of all, and asks for the others by exactly that one and for vendors by the workspace's", async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as Manifest;
    const manifests = await Promise.all(packed.tarballs.map(manifestOf));
    const names = manifests.map(({ name }) => name);

    for (const manifest of manifests) {
      expect(manifest.version).toBe(version);
      for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
        if (name === "openvibe" || name.startsWith("@openvibe/")) expect([names.includes(name), range]).toEqual([true, version]);
        else expect(range).toMatch(manifest.peerDependencies?.[name] === undefined ? /^\d+\.\d+\.\d+$/ : /^\^\d+\.\d+\.\d+$/);
      }
    }
  });

  test("spells each of its entries the same way", async () => {
    for (const { exports } of await Promise.all(packed.tarballs.map(manifestOf)))
      for (const entry of Object.values(exports)) {
        const source = entry["openvibe-source"] ?? "";
        const built = source.replace(/^\.\/src\/(.+)\.ts$/, "./dist/$1");

        expect(Object.entries(entry)).toEqual([
          ["openvibe-source", source],
          ["types", `${built}.d.ts`],
          ["default", `${built}.js`],
        ]);
      }
  });

  test("satisfies publint, and are-the-types-wrong for packages that are modules only", async () => {
    for (const tarball of packed.tarballs) {
      const bytes = await readFile(tarball);
      const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) } });
      const attw = await run(join(ROOT, "tests/node_modules/.bin/attw"), [tarball, "--profile", "esm-only", "--format", "ascii"], {
        env: packed.env,
      }).catch((error: unknown) => error as { stdout: string; code: number });

      expect(messages.map((message) => `${basename(tarball)}: ${formatMessage(message, pkg)}`)).toEqual([]);
      expect("code" in attw ? `${basename(tarball)}: ${attw.stdout}` : "clean").toBe("clean");
    }
  }, 120_000);
});

describe("installed by plain npm in an empty folder", () => {
  const open = (env: Readonly<Record<string, string>> = {}) => openTerminal({ cwd: folder, env: { ...packed.env, ...env } });
  const hello = () => blocksOf(readme, "ts")[0]?.text ?? "";

  test("the README's hello runs, and answers the original's curl", async () => {
    const port = await freePort();
    await writeFile(join(folder, "hello.ts"), hello().replace("port: 8000", `port: ${port}`));
    await using server = open();
    await using terminal = open();

    await server.start("node hello.ts", SERVES);
    const accepted = await terminal.type(
      `curl -sX POST http://localhost:${port}/v1/operators/hello/activate -H 'content-type: application/json' -d '{"trigger": "greet", "input": {}}'`,
    );

    expect(JSON.parse(accepted.stdout)).toMatchObject({
      operator_id: "hello",
      workflow_id: "greet",
      status: expect.stringMatching(/^(queued|running)$/),
    });
    await until("the greeting", async () =>
      (await terminal.type(`curl -s http://localhost:${port}/v1/runs`)).stdout.includes('"output":{"greeting":"[echo] Say hello!"}'),
    );
    expect(await server.interrupt()).toBe(0);
  });

  test("the command tells its version, serves a file, starts again after a change, and runs it", async () => {
    const port = await freePort();
    const text = hello().replace(/^await serve\((.*), \{ port: 8000 \}\);$/m, "export default $1;");
    await writeFile(join(folder, "exported.ts"), text);
    await using server = open({ OPENVIBE_PORT: String(port), OPENVIBE_SQLITE_PATH: ":memory:" });
    await using terminal = open();

    const { stdout: version } = await terminal.type("npx openvibe --version");
    await server.start("npx openvibe dev exported.ts", SERVES);
    await writeFile(join(folder, "exported.ts"), text.replace("Say hello!", "Say good night!"));
    await until("another start", () => server.screen().match(new RegExp(SERVES, "gm"))?.length === 2, 60_000);
    const ended = await terminal.type(`npx openvibe run hello greet --wait --url http://127.0.0.1:${port}`);

    expect(version.trim()).toBe((await manifestOf(packed.tarballs[0] ?? "")).version);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/completed {2}hello\.greet[\s\S]*\[echo\] Say good night!/) });
    expect(await server.interrupt()).toBe(130);
  });

  test("the types are all there: hello compiles strictly with nothing else installed, and a misspelt field does not", async () => {
    const compile = async (name: string, text: string) => {
      await writeFile(join(folder, `${name}.mts`), text);
      const flags = ["--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck", "false", "--types", ""];
      return await run(join(ROOT, "node_modules/.bin/tsc"), [...flags, `${name}.mts`], { cwd: folder, env: packed.env }).catch(
        (error: unknown) => error as { stdout: string },
      );
    };

    expect((await compile("typed", hello())).stdout).toBe("");
    expect((await compile("misspelt", hello().replace('output: "greeting"', 'output: "greting"'))).stdout).toContain("'\"greting\"'");
    const [{ text: decorated } = { text: "" }] = blocksOf(await readPage("docs/decorators.md"), "ts");
    expect((await compile("decorated", decorated)).stdout).toBe("");
    expect((await compile("misspelt_option", decorated.replace('model: "haiku"', 'modl: "haiku"'))).stdout).toContain("'modl'");
  });

  test("importing it loads what authors write with, and nothing else", async () => {
    const recorder = join(ROOT, "services/openvibe/src/record-imports.fixture.ts");
    const { stdout } = await run("node", ["--import", recorder, "--input-type=module", "-e", 'await import("openvibe")'], {
      cwd: folder,
      env: packed.env,
    });
    const packages = stdout.split("\n").flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);

    expect([...new Set(packages)].sort()).toEqual(["@openvibe/core", "@openvibe/sdk", "openvibe"]);
  });
});
