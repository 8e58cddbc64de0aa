import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOCKED, type Ended, type NodeProcess, openvibe, startServer } from "../spawn-node.fixture.ts";

describe("openvibe schedules", () => {
  let server: NodeProcess & { readonly url: string };
  const schedules = (...args: readonly string[]): Promise<Ended> => openvibe(["schedules", ...args], { env: { OPENVIBE_URL: server.url } });
  beforeAll(async () => {
    server = await startServer([CLOCKED], { env: { OPENVIBE_STORE: "memory", OPENVIBE_LOG_LEVEL: "error", OPENVIBE_SCHEDULER: "none" } });
  }, 30_000);
  afterAll(() => server[Symbol.asyncDispose]());

  test("ls lists what the clock starts and when, a page at a time", async () => {
    const [all, first, json, none] = await Promise.all([
      schedules("ls"),
      schedules("ls", "-n", "1", "--operator", "clocked"),
      schedules("ls", "--json"),
      schedules("ls", "--operator", "nobody"),
    ]);

    expect(all).toMatchObject({ code: 0, err: "" });
    expect(all.out).toMatch(
      /^TRIGGER +WHEN +NEXT +LAST RUN\nclocked\.often +\* \* \* \* \* UTC +20\S+Z +none yet\nclocked\.yearly +0 3 1 1 \* Europe\/Berlin +20\d\d-01-01T02:00:00\.000Z +none yet\n$/,
    );
    expect(first.err).toMatch(/^openvibe: there are more; go on with the same options and: --cursor \S+\n$/);
    expect(JSON.parse(json.out)).toMatchObject({
      data: [
        { trigger: "often", catch_up: "none" },
        { trigger: "yearly", catch_up: "last" },
      ],
    });
    expect(none.err).toBe("openvibe: there is none; a workflow gets one by a trigger such as cron:0 7 * * 1-5 Europe/Berlin\n");
  }, 30_000);

  test("pause and resume tell what the clock does next", async () => {
    const paused = await schedules("pause", "clocked", "yearly");
    const listed = await schedules("ls");
    const resumed = await schedules("resume", "clocked", "yearly");

    expect(paused).toMatchObject({ code: 0, out: "clocked.yearly  paused\n" });
    expect(listed.out).toMatch(/clocked\.yearly +0 3 1 1 \* Europe\/Berlin +paused +none yet\n/);
    expect(resumed.out).toMatch(/^clocked\.yearly {2}20\d\d-01-01T02:00:00\.000Z\n$/);
  }, 30_000);

  test("run starts one now, once for each key; what is not there is not found", async () => {
    const first = await schedules("run", "clocked", "yearly", "--idempotency-key", "k", "--json");
    const again = await schedules("run", "clocked", "yearly", "--idempotency-key", "k");
    const gone = await schedules("run", "clocked", "yearli");

    const { run_id } = JSON.parse(first.out) as { run_id: string };
    expect(again.out).toMatch(new RegExp(`^${run_id} `));
    expect(again.err).toBe(`openvibe: see it with: openvibe runs watch ${run_id}\n`);
    expect(gone).toMatchObject({ code: 6, err: expect.stringContaining("yearly") as string });
  }, 30_000);
});
