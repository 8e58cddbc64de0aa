/** A project as `openvibe init` writes it: with npm's own test command, TypeScript's own check, and a server. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { COMMAND, openFolder, openvibe, startNode } from "../spawn-node.fixture.ts";

const WORKSPACE = fileURLToPath(new URL("../../../../", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm install` would bring, from this workspace. */
async function install(path: string): Promise<void> {
  const zod = dirname(createRequire(import.meta.url).resolve("zod/package.json"));
  await mkdir(join(path, "node_modules", "@types"), { recursive: true });
  await symlink(zod, join(path, "node_modules", "zod"));
  await symlink(PACKAGE, join(path, "node_modules", "openvibe"));
  await symlink(join(WORKSPACE, "node_modules", "@types", "node"), join(path, "node_modules", "@types", "node"));
}

describe("openvibe init", () => {
  test("writes a project whose test passes, whose types are right, and which dev serves", async () => {
    await using folder = await openFolder();
    const path = join(folder.path, "My Operators");

    const { code, out, err } = await openvibe(["init", "My Operators"], { cwd: folder.path });
    await install(path);

    // The packages of this workspace lie on no registry.
    const line = `npm install ${join(WORKSPACE, "packed")}/*.tgz`;
    expect([code, err]).toEqual([0, `openvibe: go on with: cd 'My Operators' && ${line} && npm test && npx openvibe dev\n`]);
    expect(await readFile(join(path, "README.md"), "utf8")).toContain(`\`\`\`sh\n${line}\nnpm test\n`);
    expect(out.split("\n")).toContain("My Operators/operators/hello/index.ts");
    expect(JSON.parse(await readFile(join(path, "package.json"), "utf8"))).toMatchObject({
      name: "my-operators",
      dependencies: { openvibe: expect.stringMatching(/^\^\d+\.\d+\.\d+$/) as string },
    });
    expect((await readdir(path)).filter((name) => name.startsWith("_"))).toEqual([]);

    const env = {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: folder.path,
      NODE_OPTIONS: "--conditions=openvibe-source",
      ANTHROPIC_API_KEY: "a_key_that_its_test_must_not_use",
    };
    const tested = await promisify(execFile)("npm", ["test"], { cwd: path, env });
    expect(tested.stdout).toMatch(/pass 1\n[\s\S]*fail 0\n/);

    const tsc = join(WORKSPACE, "node_modules", ".bin", "tsc");
    const checked = await promisify(execFile)(tsc, ["--customConditions", "openvibe-source"], { cwd: path, env }).catch(
      (error) => error as { stdout: string },
    );
    // Only the project's own lines: here it sees our sources, where an installed package has declarations.
    expect(checked.stdout.split("\n").filter((line) => line.startsWith("operators/"))).toEqual([]);

    expect(await openvibe(["validate"], { cwd: path })).toMatchObject({ code: 0, out: "ok    operators/hello/index.ts  hello: greet\n" });
    await using dev = startNode([COMMAND, "dev", "--no-watch", "--port", "0"], { cwd: path, env: { OPENVIBE_LOG_LEVEL: "error" } });
    const [, url = ""] = await dev.until(/OpenVibe serves hello at (http:\S+)/);
    const run = await openvibe(["run", "hello", "greet", "--input", '{"name":"Ada"}', "--wait"], { env: { OPENVIBE_URL: url } });
    expect(run).toMatchObject({ code: 0, out: expect.stringMatching(/"greeting": "\[echo\] Greet Ada\."/) as string });
  }, 60_000);

  test("refuses a folder that is not empty, and writes nothing; --force leaves what is there", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "notes.txt"), "mine");

    const refused = await openvibe(["init"], { cwd: folder.path });
    const left = await readdir(folder.path);
    const forced = await openvibe(["init", "--force", "--json"], { cwd: folder.path });

    expect([refused.code, refused.out]).toEqual([2, ""]);
    expect(refused.err).toMatch(/^openvibe: \/\S+ is not empty \(it holds notes\.txt\); name another folder, or add --force\n$/);
    expect(left).toEqual(["notes.txt"]);
    expect(forced).toMatchObject({ code: 0, err: "" });
    const { files } = JSON.parse(forced.out) as { files: string[] };
    for (const file of files) expect((await readFile(join(folder.path, file), "utf8")).length).toBeGreaterThan(0);
    expect(await readFile(join(folder.path, "notes.txt"), "utf8")).toBe("mine");
  });

  test("refuses a file, and a folder that cannot be made", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "file"), "");

    const file = await openvibe(["init", "file"], { cwd: folder.path });
    const below = await openvibe(["init", "file/below"], { cwd: folder.path });

    expect([file.code, file.err]).toEqual([2, expect.stringMatching(/^openvibe: \/\S+file is a file; name a folder\n$/) as string]);
    expect([below.code, below.err]).toEqual([2, expect.stringMatching(/^openvibe: \/\S+below cannot be written: ENOTDIR/) as string]);
  });
});
