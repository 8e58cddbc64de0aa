import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Starts a program that would run for ever, and tells its process id. */
const STARTER = `
const { startProgram } = await import(${JSON.stringify(new URL("./program.ts", import.meta.url).href)});
const { pid } = await startProgram({ file: "forever", nodeArgs: ["--eval", "setInterval(() => {}, 1_000)"], env: {} });
process.stdout.write(String(pid) + "\\n");
`;

test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)("a program is gone when whoever started it is ended by %s", async (signal) => {
  const starter = spawn(process.execPath, ["-C", "openvibe-source", "--input-type=module", "--eval", STARTER], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [told] = (await once(starter.stdout, "data")) as [Buffer];
  const pid = Number(told.toString());
  expect(isThere(pid)).toBe(true);

  starter.kill(signal);
  await once(starter, "exit");

  await vi.waitFor(() => expect(isThere(pid)).toBe(false), { timeout: 10_000, interval: 20 });
});

/** A zombie is none: whoever inherits it may take its time. */
function isThere(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}
