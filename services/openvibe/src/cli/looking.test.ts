/** `openvibe operators`, `models` and `events tail` as processes against a served operator. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND, type NodeProcess, openFolder, openvibe, SMALL, startNode, startServer } from "../spawn-node.fixture.ts";
import { jsonLines, type ServedSmall, serveSmall } from "./served-small.fixture.ts";

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

test("openvibe operators tells who serves what", async () => {
  const { code, out } = await served.command(["operators"]);
  const { out: json } = await served.command(["operators", "--json"]);

  expect(code).toBe(0);
  expect(out).toMatch(/^OPERATOR +WORKFLOWS +TRIGGERS +ANSWERS +SERVED BY\nhello +greet +greet +- +1 worker\nsmall +add, fail, wait, /);
  expect(out).toMatch(/\n\nOPERATOR +INSTANCE +VERSION +ANSWERS +SINCE\nhello +\S+-[0-9a-z]{12} +[0-9a-f]{16} +- +\d{4}-\S+Z\n/);
  expect(jsonLines(json)[0]?.data).toMatchObject([
    { id: "hello", capabilities: [], instances: [{ version: expect.stringMatching(/^[0-9a-f]{16}$/) }] },
    { id: "small" },
  ]);
});

test("openvibe models tells aliases, prices and what retires, without a server", async () => {
  const { code, out } = await openvibe(["models"]);
  const { data } = jsonLines((await openvibe(["models", "--json"])).out)[0] as { data: Record<string, unknown>[] };

  expect(code).toBe(0);
  expect(out).toMatch(/^MODEL +PROVIDER +ALIASES +IN \$\/M +OUT \$\/M +RETIRES\n/);
  expect(out).toMatch(/\nclaude-sonnet-4-5-20250929 +anthropic .* retire[sd] 2026-11-30\n/);
  expect(data).toContainEqual(expect.objectContaining({ id: "claude-sonnet-4-5-20250929", retires_on: "2026-11-30", input_usd: 3 }));
  expect(data).toContainEqual(expect.objectContaining({ aliases: ["haiku", "fast"], provider: "anthropic", retires_on: null }));
});

/** A stream begins with what happens once it is open, which nobody can see from outside: so something happens until it shows. */
async function untilHeard(tail: NodeProcess, happen: () => Promise<unknown>): Promise<void> {
  for (let times = 0; tail.said.out === "" && times < 20; times++) await happen();
  expect(tail.said.out).not.toBe("");
}

describe("openvibe events tail", () => {
  test("shows events as they happen, the wanted ones only, until Ctrl-C, which tells where to go on", async () => {
    const wanted = ["--types", "run.completed,count.shared", "--operator", "small"];
    await using tail = startNode([COMMAND, "events", "tail", ...wanted], { env: served.env });
    await using witness = startNode([COMMAND, "events", "tail", "--json"], { env: served.env });
    for (const each of [tail, witness])
      await untilHeard(each, () => served.command(["run", "small", "share", "--input", '{"n":7}', "--wait", "-q"]));
    await served.command(["run", "hello", "greet", "--wait", "-q"]);
    await witness.until(/"type":"run.completed".*"operatorid":"hello"/);

    tail.signal("SIGINT");
    const { code, out, err } = await tail.ended;

    expect(code).toBe(130);
    const lines = out.trimEnd().split("\n");
    expect(lines.filter((line) => !/^\d\d:\d\d:\d\d\.\d{3} {2}(count\.shared|run\.completed) {2}small run_\S+ /.test(line))).toEqual([]);
    expect(err).toMatch(/^openvibe: go on from here with the same options and: --since \S+\n$/);
  }, 60_000);

  test("--since begins with what came after that event", async () => {
    await using before = startNode([COMMAND, "events", "tail", "--json"], { env: served.env });
    await untilHeard(before, () => served.command(["run", "small", "add", "--wait", "-q"]));
    const [first] = jsonLines(before.said.out.slice(0, before.said.out.lastIndexOf("\n")));
    const runId = await served.activate("small", "add");
    await served.command(["runs", "watch", runId]);

    await using tail = startNode([COMMAND, "events", "tail", "--since", String(first?.cursor), "--json"], { env: served.env });
    await tail.until(new RegExp(`"type":"run\\.completed".*"runid":"${runId}"`));

    const ofRun = jsonLines(tail.said.out.slice(0, tail.said.out.lastIndexOf("\n"))).filter(({ runid }) => runid === runId);
    expect(ofRun.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "run.completed"]);
  }, 60_000);

  test("--timeout ends it, with 0", async () => {
    expect(await served.command(["events", "tail", "--timeout", "100ms"])).toMatchObject({ code: 0, err: "" });
  });

  test("goes on where it was when its server was away", async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path, env: { OPENVIBE_LOG_LEVEL: "error" } };
    const first = await startServer([SMALL], options);
    const port = new URL(first.url).port;
    const env = { OPENVIBE_URL: first.url };
    await using tail = startNode([COMMAND, "events", "tail", "--types", "run.completed", "--json"], { env });
    await untilHeard(tail, () => openvibe(["run", "small", "add", "--wait", "-q"], { env }));

    first.signal("SIGTERM");
    await first.ended;
    await using second = startNode([COMMAND, "serve", "--port", port, SMALL], options);
    await second.until(/ at http/);
    const { out } = await openvibe(["run", "small", "add", "--input", '{"n":41}', "--wait", "--json"], { env });
    const runId = String(jsonLines(out).at(-1)?.run_id);

    await tail.until(new RegExp(`"runid":"${runId}"`), 30_000);
    expect(tail.said.err).toBe("openvibe: the connection was cut; it goes on where it was\n");
  }, 60_000);

  test.each<[string[], number, RegExp]>([
    [["--operator", "smal"], 6, /there is no operator smal; did you mean "small"\?\n$/],
    [["--run", "run_none"], 6, /no run run_none; see what there is with: openvibe runs ls\n$/],
    [["--types", "node.started"], 2, /"node\.started" is told live only, and never stored/],
    [["--types", "run.*,,x"], 2, /An event type is missing between commas/],
    [["--since", "yesterday"], 2, /yesterday|Last-Event-ID|cursor/],
    [["--url", "http://127.0.0.1:1"], 4, /^openvibe: no server answers at http:\/\/127\.0\.0\.1:1; start one with/],
  ])("%j ends with %d", async (args, exitCode, message) => {
    const { code, out, err } = await served.command(["events", "tail", ...args]);

    expect([code, out]).toEqual([exitCode, ""]);
    expect(err).toMatch(message);
  });
});
