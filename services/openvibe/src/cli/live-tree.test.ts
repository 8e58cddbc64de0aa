/** What only a terminal sees. `script` of util-linux lends one; where it is not (macOS has another), there is nothing to test with. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMAND } from "../spawn-node.fixture.ts";
import { type ServedSmall, serveSmall } from "./served-small.fixture.ts";

const lendsTerminals = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

/** `openvibe <args>` on a terminal of 80 columns: everything that it wrote there. */
async function onTerminal(args: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const line = `stty cols 80 rows 24; ${process.execPath} -C openvibe-source ${COMMAND} ${args}`;
  const surroundings = { PATH: process.env.PATH ?? "", TERM: "xterm-256color", ...served.env, ...env };
  const { stdout } = await promisify(execFile)("script", ["-qec", line, "/dev/null"], { env: surroundings });
  return stdout.replaceAll("\u001b[", "ESC ").replaceAll("\r\n", "\n");
}

const OVER_ITSELF = "ESC 2A\rESC J";

if (lendsTerminals) {
  test("a run is painted over itself on a terminal, in colours, and left as it ended", async () => {
    const screen = await onTerminal("run small add --wait");

    const painted = screen.split(OVER_ITSELF).at(-1) ?? "";
    expect(screen).toContain("run queued\n");
    expect(painted).toMatch(/^run ESC 32mcompletedESC 39m\nESC 32m✓ESC 39m add_one {2}\d+ ms\nrun_\S+ {2}ESC 32mcompleted/);
  });

  test("NO_COLOR leaves the marks, without their colours", async () => {
    const screen = await onTerminal("run small fail --wait || true", { NO_COLOR: "1" });

    expect(screen.split(OVER_ITSELF).at(-1)).toMatch(/^run failed\n✗ break {2}the node broke on purpose\n/);
  });

  test("a terminal that can only write lines gets lines", async () => {
    const screen = await onTerminal("run small add --wait", { TERM: "dumb" });

    expect(screen).toMatch(/ {2}run started\n/);
    expect(screen).not.toContain("ESC");
  });
}

test("a pipe gets lines", async () => {
  expect((await served.command(["run", "small", "add", "--wait"])).out).toMatch(/ {2}node\.completed add_one \(\d/);
});
