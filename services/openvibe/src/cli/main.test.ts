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
    expect(wrong.err).toMatch(/valid API key/);
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

  test("tells what there is, and its exit codes", async () => {
    const { code, out } = await openvibe(["--help"]);

    expect(code).toBe(0);
    expect(out).toMatch(/dev .*\n[\s\S]*serve .*\n[\s\S]*run .*\n[\s\S]*Exit codes: 0 done/);
  });

  test("suggests the command that was meant", async () => {
    const { code, err } = await openvibe(["serv"]);

    expect(code).toBe(2);
    expect(err).toMatch(/unknown command 'serv'\n\(Did you mean serve\?\)/);
  });

  test("uses no colour where nobody can see it", async () => {
    expect((await served.command(["run", "small", "add", "--wait"])).out).not.toContain("\u001b[");
  });

  test("ends quietly when its reader has seen enough", async () => {
    await using listing = startNode([COMMAND, "runs", "watch", "small", await served.activate("small", "add")], { env: served.env });
    listing.closeOutput();

    expect(await listing.ended).toMatchObject({ code: 0, err: "" });
  });
});
