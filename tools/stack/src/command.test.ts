import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseStackRequest, UsageError } from "./command.ts";
import { findProcess } from "./process-identity.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

describe("a command line says what is wanted", () => {
  test.each([
    ["up", { verb: "up", nats: 1, postgres: true, redis: false, json: false }],
    ["up --nats 3", { verb: "up", nats: 3, postgres: false, redis: false, json: false }],
    ["up --nats=1 --postgres --json", { verb: "up", nats: 1, postgres: true, redis: false, json: true }],
    ["up --postgres", { verb: "up", nats: 0, postgres: true, redis: false, json: false }],
    ["up --redis", { verb: "up", nats: 0, postgres: false, redis: true, json: false }],
    ["status --json", { verb: "status", json: true }],
    ["down", { verb: "down", json: false }],
    ["--help", { verb: "help" }],
  ])("stack %s", (line, request) => {
    expect(parseStackRequest(line.split(" "))).toEqual(request);
  });

  test.each(["", "restart", "up --nats 2", "up --mysql", "up now", "down --nats 1", "down --redis", "up --nats"])(
    "stack %s is refused in one line",
    (line) => {
      const parse = () => parseStackRequest(line.split(" ").filter((word) => word !== ""));

      expect(parse).toThrow(UsageError);
      expect(parse).not.toThrow(/\n/);
    },
  );
});

describe("the command", { timeout: 120_000 }, () => {
  test("up leaves a server running, up again finds it, status shows it, down ends it", async () => {
    await using cache = await aCacheFolder();

    const up = await stack(cache.folder, "up", "--postgres");
    const again = await stack(cache.folder, "up", "--postgres");
    const status = JSON.parse((await stack(cache.folder, "status", "--json")).out);
    const down = await stack(cache.folder, "down");

    expect(up).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^export DATABASE_URL='postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres'\n$/),
    });
    expect(again.out).toBe(up.out);
    expect(status).toEqual({ servers: [expect.objectContaining({ kind: "postgres", running: true })] });
    expect(down).toMatchObject({ exitCode: 0, out: expect.stringContaining("ended postgres") });
    for (const pid of status.servers[0].pids) expect(findProcess(pid)).toBeUndefined();
    expect((await stack(cache.folder, "status")).out).toBe("nothing runs\n");
  });

  test("an unknown command is one line on stderr and exit code 2", async () => {
    await using cache = await aCacheFolder();

    const answer = await stack(cache.folder, "restart");

    expect(answer).toEqual({ exitCode: 2, out: "", errors: 'stack knows no command "restart": up, down or status\n' });
  });
});

async function aCacheFolder() {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-stack-test-"));
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await stack(folder, "down");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function stack(cacheFolder: string, ...args: readonly string[]): Promise<{ exitCode: number; out: string; errors: string }> {
  const env = { ...process.env, XDG_CACHE_HOME: cacheFolder, OPENVIBE_TEST_DATABASE_URL: "" };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["-C", "openvibe-source", MAIN, ...args], { env }, (_error, out, errors) => {
      resolve({ exitCode: child.exitCode ?? -1, out, errors });
    });
  });
}
