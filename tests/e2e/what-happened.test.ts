/** Types what docs/what-happened.md tells people to type, and sees that what it says comes out. Only the port differs. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startServer } from "../support/e2e-command.ts";

const PAGE = readFileSync(new URL("../../docs/what-happened.md", import.meta.url), "utf8");
const BLOCKS = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
const SERVERS = /pnpm@12 openvibe (dev|serve) (\S+)/;

test("every command of the page works as it stands there", async () => {
  const [, command = "", file = ""] = SERVERS.exec(BLOCKS[0] ?? "") ?? [];
  const env = { OPENVIBE_STORE: "memory", OPENVIBE_LLM: "echo", OPENVIBE_LOG_LEVEL: "debug" };
  await using server = await startServer({ command: command as "dev", files: [file], env });
  const typed = BLOCKS.filter((block) => !SERVERS.test(block) && !block.startsWith("grep"));
  const script = typed.map((block) => block.replaceAll("http://localhost:8000", server.url)).join("\necho\n");

  const { stdout } = await promisify(execFile)("bash", ["-c", `set -eo pipefail\n${script}`]);

  const [, run, runs, events, history, metrics] = stdout.split("\n");
  const { run_id, status } = JSON.parse(run ?? "") as { run_id: string; status: string };
  expect(status).toBe("completed");
  expect(JSON.parse(runs ?? "")).toMatchObject({ data: [{ run_id }] });
  const told = (JSON.parse(events ?? "") as { data: { type: string }[] }).data.map(({ type }) => type);
  expect([told[0], told.at(-1)]).toEqual(["run.queued", "run.completed"]);
  expect(JSON.parse(history ?? "")).toMatchObject({
    recorded: true,
    input: { company_name: "Stripe" },
    data: [{ node_id: "research", patch: { research: expect.any(String) as string } }, {}, {}, { next: null }],
  });
  expect(stdout).toContain('openvibe_runs_total{operator="company_intel",workflow="research",status="completed"} 1');
  expect(metrics).toMatch(/^# HELP openvibe_runs_total/);
  expect(
    server
      .output()
      .split("\n")
      .filter((line) => line.includes(run_id))[0],
  ).toMatch(/"msg":"run accepted"/);
});
