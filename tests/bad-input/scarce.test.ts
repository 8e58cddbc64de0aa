/** A machine that gives too little: what is said, and that nothing which was accepted is lost. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Client, createClient } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = "services/openvibe/src/cli/main.ts";

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), "openvibe-scarce-"));
  return { store: join(path, "runs.db"), [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function assertWhole(store: string): void {
  using database = new DatabaseSync(store);
  expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
}

/** While no connection gets through, too. */
const ended = (client: Client, operatorId: string, runId: string) =>
  until("the run ends", async () => {
    const run = await client.get(operatorId, runId).catch(() => undefined);
    return run !== undefined && run.completed_at !== null && run;
  });

test("114: an older Node is told what is needed, with 2, before anything of ours is loaded", async () => {
  const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.14.0" } })';
  const args = ["--import", `data:text/javascript,${encodeURIComponent(older)}`, "-C", "openvibe-source", MAIN, "--help"];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));

  expect(await once(child, "close")).toEqual([2, null]);
  expect(said).toBe("openvibe needs Node 24 or newer; this is 22.14.0\n");
});

test("117: a process that has no memory left ends and says so; the next one ends its run, behind the step that was done", async () => {
  await using folder = await openFolder();
  const start = (env: Readonly<Record<string, string>> = {}) =>
    startServer({
      command: "serve",
      files: ["tests/support/hoarding-operator.ts"],
      env: { OPENVIBE_STORE: "sqlite", OPENVIBE_SQLITE_PATH: folder.store, OPENVIBE_LLM: "echo", ...env },
    });
  await using tiny = await start({ NODE_OPTIONS: "--max-old-space-size=64" });
  const { run_id } = await createClient(tiny.url).activate("hoarder", "hoard", {});

  await tiny.ended;
  expect(tiny.output()).toMatch(/FATAL ERROR: .*JavaScript heap out of memory/);
  assertWhole(folder.store);

  await using roomy = await start();
  const run = await ended(createClient(roomy.url), "hoarder", run_id);
  expect(run).toMatchObject({ status: "completed", attempt: 2, output: { pieces: 2 }, metrics: { nodes_executed: 2 } });
});

test("117: with few descriptors connections are refused, and what was accepted ends; once there are some again all is as before", async () => {
  await using folder = await openFolder();
  const limited = ["-c", 'ulimit -n 48 && exec "$@"', "sh", process.execPath, "-C", "openvibe-source", MAIN];
  const child = spawn("/bin/sh", [...limited, "serve", "operators/hello/index.ts", "--port", "0"], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, OPENVIBE_STORE: "sqlite", OPENVIBE_SQLITE_PATH: folder.store, OPENVIBE_LLM: "echo" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const sockets: Socket[] = [];
  try {
    const url = await until("it says where it listens", () => /at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]);
    const client = createClient(url);
    const { run_id } = await client.activate("hello", "greet", {});

    let refused = 0;
    for (let n = 0; n < 100; n++) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.on("error", () => {}).on("close", () => refused++);
      sockets.push(socket);
    }
    await until("some are refused", () => refused > 0);
    for (const socket of sockets) socket.destroy();

    expect(await ended(client, "hello", run_id)).toMatchObject({ status: "completed" });
    expect(await client.run("hello", "greet", {})).toMatchObject({ status: "completed", attempt: 1 });
  } finally {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGTERM");
  }
  expect(await once(child, "exit")).toEqual([0, null]);
  assertWhole(folder.store);
});
