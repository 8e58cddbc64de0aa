/** What holds for every command: reaching a server, help, exit codes. */
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { COMMAND, openFolder, openvibe, startNode } from "../spawn-node.fixture.ts";
import { type ServedSmall, serveSmall } from "./served-small.fixture.ts";

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

describe("without a server that lets it in, the command ends with", () => {
  test("5 for a missing or a wrong key, which is not shown", async () => {
    const none = await openvibe(["runs", "ls"], { env: { OPENVIBE_URL: served.url } });
    const wrong = await openvibe(["runs", "ls"], { env: { OPENVIBE_URL: served.url, OPENVIBE_API_KEY: "ov_wrong_key" } });

    expect([none.code, wrong.code]).toEqual([5, 5]);
    expect(wrong.err).toMatch(
      /^openvibe: .*valid API key.*; set OPENVIBE_API_KEY, or name a file that holds the key with --api-key-file\n$/,
    );
    expect(wrong.err).not.toContain("ov_wrong_key");
  });

  test("0 when the key lies in a file", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "key"), `${served.key}\n`);

    const { code } = await openvibe(["runs", "ls", "--api-key-file", join(folder.path, "key"), "--url", `${served.url}/`]);

    expect(code).toBe(0);
  });

  test("4 when nobody answers, with what to do", async () => {
    const { code, err } = await openvibe(["runs", "ls", "--url", "http://127.0.0.1:1"], { env: served.env });

    expect([code, err]).toEqual([
      4,
      'openvibe: no server answers at http://127.0.0.1:1; start one with "openvibe dev" or "openvibe serve", or name another with --url\n',
    ]);
  });

  test("4 when somebody else answers", async () => {
    const other = createServer((_request, response) => response.end("<h1>It works!</h1>")).listen(0, "127.0.0.1");
    await vi.waitUntil(() => other.listening);

    const { code, err } = await openvibe(["runs", "ls", "--url", `http://127.0.0.1:${(other.address() as AddressInfo).port}`]);
    other.close();

    expect(code).toBe(4);
    expect(err).toMatch(/is no OpenVibe server \(200, null\)/);
  });

  test("3 when the environment names a wrong address", async () => {
    const { code, err } = await openvibe(["runs", "ls"], { env: { OPENVIBE_URL: "localhost:8000" } });

    expect(code).toBe(3);
    expect(err).toMatch(/^openvibe: OPENVIBE_URL is wrong\. Allowed is an address/);
  });
});

describe("the command itself", () => {
  test("tells its version", async () => {
    const { code, out } = await openvibe(["--version"]);

    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("loads itself alone to tell its version, and no server's part to help", async () => {
    const version = await loadedBy("--version");
    const help = await loadedBy("--help");

    expect(version).toEqual(["main.ts", "exit-code.ts"]);
    expect(help).toEqual(expect.arrayContaining(["main.ts", "program.ts", "index.ts"]));
    expect(help).not.toEqual(expect.arrayContaining([expect.stringMatching(/fastify|zod|api-client|composition|langchain/)]));
  });

  test("tells what there is, and its exit codes", async () => {
    const { code, out } = await openvibe(["--help"]);

    expect(code).toBe(0);
    expect(out).toMatch(/dev .*\n[\s\S]*serve .*\n[\s\S]*run .*\n[\s\S]*Exit codes: 0 done/);
  });

  test("suggests the command that was meant", async () => {
    const { code, err } = await openvibe(["serv"]);

    expect(code).toBe(2);
    expect(err).toMatch(/^openvibe: unknown command 'serv'; did you mean serve\? \(openvibe --help shows what there is\)\n$/);
  });

  test.each<[string, string[], Record<string, string>, boolean]>([
    ["none where no terminal is", [], {}, false],
    ["some with --color", ["--color"], {}, true],
    ["some with FORCE_COLOR", [], { FORCE_COLOR: "1" }, true],
    ["none with FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, false],
    ["none with --no-color, whatever the environment says", ["--no-color"], { FORCE_COLOR: "1" }, false],
  ])("colours: %s", async (_what, flags, env, isColoured) => {
    const { out, err } = await openvibe(["run", "small", "add", "--wait", ...flags], { env: { ...served.env, ...env } });

    expect(out).toContain("completed");
    expect((out + err).includes("\u001b[")).toBe(isColoured);
  });

  test("ends at once with 130 on Ctrl-C, and says that the run goes on", async () => {
    await using waiting = startNode([COMMAND, "run", "small", "wait", "--wait"], { env: served.env });
    await waiting.until(/run started/);

    waiting.signal("SIGINT");
    const { code, err } = await waiting.ended;

    const [runId = ""] = /run_\S+/.exec(err) ?? [];
    expect([code, err]).toEqual([130, `openvibe: the run goes on; see it with: openvibe runs watch ${runId}\n`]);
    await served.command(["runs", "cancel", runId]);
  });

  test("ends quietly when its reader has seen enough", async () => {
    await using listing = startNode([COMMAND, "runs", "watch", await served.activate("small", "add")], { env: served.env });
    listing.closeOutput();

    expect(await listing.ended).toMatchObject({ code: 0, err: "" });
  });
});

const RECORDER = new URL("../record-imports.fixture.ts", import.meta.url).href;

/** Files that Node loads to answer: of ours by their names, of others by their addresses. */
async function loadedBy(flag: string): Promise<readonly string[]> {
  const { out } = await startNode(["--import", RECORDER, COMMAND, flag]).ended;
  const urls = out.split("\n").filter((line) => line.startsWith("file:"));
  return urls.map((url) => (url.includes("node_modules") ? url : (url.split("/").at(-1) ?? "")));
}
