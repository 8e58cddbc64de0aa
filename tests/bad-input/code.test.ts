/** What an author's code may leave behind or be named, through a running server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createRuntime, operator, workflow } from "openvibe";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createClient } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";

const MAIN = fileURLToPath(new URL("../../services/openvibe/src/cli/main.ts", import.meta.url));
const HELLO = fileURLToPath(new URL("../../operators/hello/index.ts", import.meta.url));

test("84: a promise that a node left behind and that fails is told with the node, and the process lives", async () => {
  const env = { OPENVIBE_STORE: "memory", OPENVIBE_LLM: "echo" };
  await using server = await startServer({ command: "serve", files: ["tests/support/stray-operator.ts"], env });
  const client = createClient(server.url);

  const first = await client.run("stray", "leave", {});
  const told = await until("the log tells all three", () => {
    const lines = server
      .output()
      .split("\n")
      .filter((line) => line.includes("left a promise behind"));
    return lines.length === 3 && lines.map((line) => JSON.parse(line) as { run_id: string; node_id: string; err?: { message: string } });
  });

  expect(first).toMatchObject({ status: "completed", attempt: 1 });
  expect(told.map(({ run_id, node_id }) => `${run_id} ${node_id}`).toSorted()).toEqual([
    `${first.run_id} drop`,
    `${first.run_id} drop`,
    `${first.run_id} on_complete`,
  ]);
  expect(server.exited()).toBe(false);
  expect(await client.run("stray", "leave", {})).toMatchObject({ status: "completed", attempt: 1 });
});

test("115: with neither HOME nor a folder it may write to, a server starts and serves", async () => {
  const child = spawn(process.execPath, ["-C", "openvibe-source", MAIN, "serve", HELLO, "--port", "0"], {
    cwd: "/proc", // nobody can make a file there, root included
    env: { OPENVIBE_STORE: "memory", OPENVIBE_LLM: "echo" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  try {
    const url = await until("it says where it listens", () => /at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]);

    expect(await createClient(url).run("hello", "greet", {})).toMatchObject({ status: "completed" });
  } finally {
    child.kill("SIGTERM");
  }
  expect(await once(child, "exit")).toEqual([0, null]);
});

const State = z.object({ seen: z.array(z.string()).default([]) });

describe("81: a step", () => {
  test.each(["__start__", "__end__", "__proto__", "a.b", "", " ", "A", "n".repeat(65), "n".repeat(200), "a\nb", "*", ">", "ä"])(
    "may not be called %j",
    (id) => {
      expect(() => operator("op", { name: "Op", workflows: [workflow("w", { state: State }).node(id, () => {})] })).toThrow(
        expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringContaining("an id is 1 to 64 of a-z") }),
      );
    },
  );

  test.each(["constructor", "prototype", "tostring", "then", "start", "end", "on_complete", "n".repeat(64)])(
    "and its workflow may be called %s, which JavaScript, LangGraph or we know: it runs as any other",
    async (id) => {
      const odd = operator("op", { name: "Op", workflows: [workflow(id, { state: State }).node(id, () => ({ seen: [id] }))] });
      await using runtime = await createRuntime({ operators: [odd] });

      const run = await (await runtime.activate(odd, id, {})).ended();

      expect(run).toMatchObject({ status: "completed", output: { seen: [id] } });
    },
  );
});
