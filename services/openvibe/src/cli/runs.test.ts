/** `openvibe runs`, as a person at a terminal uses it: processes against a served operator. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { COMMAND, startNode } from "../spawn-node.fixture.ts";
import { jsonLines, type ServedSmall, serveSmall } from "./served-small.fixture.ts";

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

const run = (...args: string[]) => served.command(args);

describe("openvibe runs", () => {
  test("ls lists the newest first, filtered, as a table and as JSON", async () => {
    const older = await served.activate("small", "add");
    const newer = await served.activate("small", "fail");
    await vi.waitFor(async () => expect((await run("runs", "get", newer)).out).toContain("failed"), { timeout: 10_000 });

    const table = await run("runs", "ls", "--operator", "small", "-n", "2");
    const failed = await run("runs", "ls", "--operator", "small", "--workflow", "fail", "--status", "failed", "--json");

    expect(table.code).toBe(0);
    expect(table.out.split("\n")[0]).toMatch(/^RUN +WORKFLOW +STATUS +CREATED$/);
    expect(table.out.indexOf(newer)).toBeLessThan(table.out.indexOf(older));
    expect(table.out.trimEnd().split("\n")).toHaveLength(3);
    const runs = jsonLines(failed.out)[0]?.data as { run_id: string; status: string }[];
    expect(runs[0]).toMatchObject({ run_id: newer, status: "failed" });
    expect(runs.every(({ status }) => status === "failed")).toBe(true);
  });

  test("get shows one run", async () => {
    const runId = await served.activate("small", "wait");

    expect((await run("runs", "get", runId)).out).toMatch(new RegExp(`^${runId} {2}(queued|running) {2}small\\.wait\n`));
    expect(jsonLines((await run("runs", "get", runId, "--json")).out)[0]).toMatchObject({ run_id: runId, workflow_id: "wait" });
    await run("runs", "cancel", runId);
  });

  test("watch shows a run to its end, which cancel brings; cancelling again is refused", async () => {
    const runId = await served.activate("small", "wait");
    await using watching = startNode([COMMAND, "runs", "watch", runId], { env: served.env });
    await watching.until(/node\.started wait_long|run started/);

    const cancelled = await run("runs", "cancel", runId);
    const watched = await watching.ended;
    const again = await run("runs", "cancel", runId);

    expect(cancelled.code).toBe(0);
    expect(watched.code).toBe(1);
    expect(watched.out).toMatch(/ {2}run cancelled\n[\s\S]*cancelled {2}small\.wait/);
    expect([again.code, again.err]).toEqual([1, expect.stringMatching(/ended|final|cancelled/) as string]);
  });

  test("watch of a run that has ended shows what was", async () => {
    const { out } = await run("run", "small", "add", "--wait", "--json");
    const runId = String(jsonLines(out).at(-1)?.run_id);

    const { code, out: watched } = await run("runs", "watch", runId);

    expect(code).toBe(0);
    expect(watched).toMatch(/run queued\n[\s\S]*run completed\n[\s\S]*"n": 1/);
  });

  test("resume answers a run that waits for people, and says what is wrong with an answer", async () => {
    const runId = await served.activate("small", "approve");
    await vi.waitFor(async () => expect((await run("runs", "get", runId)).out).toContain("  waits at ask for an answer: Shall we?\n"), {
      timeout: 15_000,
    });

    const wrong = await run("runs", "resume", runId, '{"approved":"yes"}');
    const resumed = await run("runs", "resume", runId, '{"approved":true}', "--by", "ann");
    const watched = await run("runs", "watch", runId);
    const late = await run("runs", "resume", runId, '{"approved":false}');

    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/^openvibe: .*approved.*boolean/) as string]);
    expect(resumed).toMatchObject({ code: 0, err: `openvibe: see it with: openvibe runs watch ${runId}\n` });
    expect(watched.out).toMatch(/ {2}run waiting ask: Shall we\?\n[\s\S]*"approved": true[\s\S]*/);
    expect(late).toMatchObject({ code: 1, out: "" });
  }, 60_000);

  test.each<[string[], number, RegExp]>([
    [["get", "run_none"], 6, /no run run_none; see what there is with: openvibe runs ls\n$/],
    [["cancel", "run_none"], 6, /run_none/],
    [["watch", "run_none"], 6, /run_none/],
    [["get", "No Id"], 2, /No Id/],
    [["get"], 2, /missing required argument 'run_id'/],
    [["get", "small", "run_none"], 2, /too many arguments for 'get'/],
    [["ls", "--limit", "many"], 2, /whole number from 1 to 200/],
    [["ls", "--status", "done"], 2, /Allowed are queued, running, .*dead_lettered \(openvibe runs ls --help/],
    [["ls", "--status", "complete"], 2, /; did you mean completed\? \(openvibe runs ls --help/],
    [["ls", "--operator", "smal"], 6, /there is no operator smal; did you mean "small"\?\n$/],
    [["lss"], 2, /unknown command 'lss'; did you mean ls\? \(openvibe runs --help shows what there is\)/],
    [[], 2, /Usage: openvibe runs/],
  ])("%j ends with %d", async (args, exitCode, message) => {
    const { code, err } = await run("runs", ...args);

    expect(code).toBe(exitCode);
    expect(err).toMatch(message);
  });
});
