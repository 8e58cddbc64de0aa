import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LoopbackApi, openLoopbackApi, runBody } from "./loopback-api.fixture.ts";
import { type ServedSmall, serveSmall } from "./served-small.fixture.ts";

const ERROR = { code: "OV_RUN_ABANDONED", message: "five workers in a row fell silent", node_id: "add_one" };
const DEAD = runBody("run_dead", { status: "dead_lettered", error: ERROR });

const open = (): Promise<LoopbackApi> =>
  openLoopbackApi({
    "GET /v1/dead-letters?limit=20": [200, { data: [DEAD], has_more: true, next_cursor: "c2" }],
    "GET /v1/dead-letters?limit=5&operator=small&cursor=c2": [200, { data: [], has_more: false, next_cursor: null }],
    "GET /v1/runs/run_dead": [200, DEAD],
    "GET /v1/runs/run_done": [200, runBody("run_done")],
  });

describe("openvibe dlq, with a dead letter", () => {
  test("ls lists dead letters, how to see more, and how to look at one", async () => {
    await using api = await open();

    const { code, out, err } = await api.command("dlq", "ls");
    const next = await api.command("dlq", "ls", "--operator", "small", "-n", "5", "--cursor", "c2");
    const json = await api.command("dlq", "ls", "--json");

    expect(code).toBe(0);
    expect(out).toMatch(/^RUN +WORKFLOW +STATUS +CREATED\nrun_dead +small\.add +dead_lettered +2026-11-22T10:00:00\.000Z\n$/);
    expect(err).toBe(
      "openvibe: there are more; go on with the same options and: --cursor c2\nopenvibe: look at one with: openvibe dlq show run_dead\n",
    );
    expect(next).toMatchObject({ code: 0, err: "openvibe: there is none\n" });
    expect(JSON.parse(json.out)).toMatchObject({ data: [{ run_id: "run_dead" }], has_more: true });
  });

  test("show tells why, with what input, and how to start it anew", async () => {
    await using api = await open();

    const { code, out, err } = await api.command("dlq", "show", "run_dead");

    expect(code).toBe(0);
    expect(out).toMatch(
      /^run_dead {2}dead_lettered {2}small\.add\n[\s\S]*"OV_RUN_ABANDONED"[\s\S]*"node_id":"add_one"[\s\S]* {2}input \{"n":1\}\n$/,
    );
    expect(err).toBe("openvibe: start it anew with: openvibe dlq redrive run_dead\n");
  });

  test("show says of another run that it is no dead letter", async () => {
    await using api = await open();

    expect(await api.command("dlq", "show", "run_done")).toMatchObject({
      code: 0,
      err: "openvibe: this run is no dead letter: it is completed\n",
    });
  });
});

describe("openvibe dlq, against a server", () => {
  let served: ServedSmall;
  beforeAll(async () => {
    served = await serveSmall();
  }, 30_000);
  afterAll(() => served[Symbol.asyncDispose]());

  test("redrive starts a new run with the old one's input, and says how to see it", async () => {
    const runId = await served.activate("small", "fail", "--input", '{"n":7}');
    await vi.waitFor(async () => expect((await served.command(["runs", "get", runId])).out).toContain("failed"), { timeout: 15_000 });

    const { code, out, err } = await served.command(["dlq", "redrive", runId]);
    const [newId = ""] = /^run_\S+/.exec(out) ?? [];
    const shown = await served.command(["dlq", "show", newId]);

    expect([code, out]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^run_\\S+ {2}queued {2}small\\.fail\n[^]* {2}in place of ${runId}\n$`)) as string,
    ]);
    expect(err).toBe(`openvibe: see it with: openvibe runs watch ${newId}\n`);
    expect(shown.out).toContain('  input {"n":7}\n');
  }, 60_000);

  test("there may be none; and what is not there, or did complete, is refused", async () => {
    const runId = await served.activate("small", "add");
    await served.command(["runs", "watch", runId]);

    const none = await served.command(["dlq", "ls"]);
    const gone = await served.command(["dlq", "redrive", "run_none"]);
    const completed = await served.command(["dlq", "redrive", runId]);

    expect(none).toMatchObject({ code: 0, err: "openvibe: there is none\n" });
    expect(gone).toMatchObject({ code: 6, out: "", err: expect.stringMatching(/no run run_none; see what there is with/) as string });
    expect(completed).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/^openvibe: .*completed/) as string });
  }, 60_000);
});
