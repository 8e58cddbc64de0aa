import { describe, expect, test } from "vitest";
import { type LoopbackApi, openLoopbackApi, runBody } from "./loopback-api.fixture.ts";

const ERROR = { code: "OV_RUN_ABANDONED", message: "five workers in a row fell silent", node_id: "add_one" };
const DEAD = runBody("run_dead", { status: "dead_lettered", error: ERROR });

const open = (): Promise<LoopbackApi> =>
  openLoopbackApi({
    "GET /v1/dead-letters?limit=20": [200, { data: [DEAD], has_more: true, next_cursor: "c2" }],
    "GET /v1/dead-letters?limit=5&operator=small&cursor=c2": [200, { data: [], has_more: false, next_cursor: null }],
    "GET /v1/runs/run_dead": [200, DEAD],
    "GET /v1/runs/run_done": [200, runBody("run_done")],
    "GET /v1/runs/run_none": [404, { code: "OV_RUN_NOT_FOUND", detail: "there is no run run_none" }],
    "POST /v1/operators/small/runs/run_dead/redrive": [202, runBody("run_new", { status: "queued", rerun_of: "run_dead" })],
  });

describe("openvibe dlq", () => {
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

  test("redrive starts a new run, and says how to see it", async () => {
    await using api = await open();

    const { code, out, err } = await api.command("dlq", "redrive", "run_dead");

    expect(code).toBe(0);
    expect(out).toMatch(/^run_new {2}queued {2}small\.add\n[\s\S]* {2}in place of run_dead\n$/);
    expect(err).toBe("openvibe: see it with: openvibe runs watch run_new\n");
    expect(api.asked).toEqual(["GET /v1/runs/run_dead", "POST /v1/operators/small/runs/run_dead/redrive"]);
  });

  test("what is not there ends with 6", async () => {
    await using api = await open();

    expect(await api.command("dlq", "redrive", "run_none")).toMatchObject({
      code: 6,
      out: "",
      err: "openvibe: there is no run run_none; see what there is with: openvibe runs ls\n",
    });
  });
});
