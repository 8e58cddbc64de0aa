/** `openvibe run`, as a person at a terminal uses it: processes against a served operator. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFolder, openvibe, SMALL, startServer } from "../spawn-node.fixture.ts";
import { jsonLines, type ServedSmall, serveSmall } from "./served-small.fixture.ts";

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

const run = (...args: string[]) => served.command(args);

describe("openvibe run", () => {
  test("--wait shows what happens and the final state", async () => {
    const { code, out, err } = await run("run", "small", "add", "--input", '{"n":41}', "--wait");

    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}run queued\n/);
    expect(out).toMatch(/ {2}run started\n[\s\S]* {2}node\.completed add_one \([\d.]+ ms\)\n[\s\S]* {2}run completed\n/);
    expect(out).toMatch(/run_\S+ {2}completed {2}small\.add\n {2}1 nodes, 0 model calls/);
    expect(out).toMatch(/output \{\n {4}"n": 42\n {2}\}\n$/);
  });

  test("--wait ends with 1 when the run failed, and says where", async () => {
    const { code, out } = await run("run", "small", "fail", "--wait");

    expect(code).toBe(1);
    expect(out).toMatch(/ {2}run failed\n/);
    expect(out).toMatch(/error \{"code":"OV_NODE_FAILED","message":".*on purpose","node_id":"break"\}/);
  });

  test("--wait --json gives a document a line: the events, then the run", async () => {
    const { code, out } = await run("run", "hello", "greet", "--wait", "--json");

    const lines = jsonLines(out);
    expect(code).toBe(0);
    expect(lines.slice(0, -1).every(({ specversion }) => specversion === "1.0")).toBe(true);
    expect(lines.at(-2)).toMatchObject({ type: "run.completed", operatorid: "hello" });
    expect(lines.at(-1)).toMatchObject({ status: "completed", output: { greeting: expect.stringMatching(/./) as string } });
  });

  test("--wait --timeout ends with 7, and the run goes on", async () => {
    const { code, out, err } = await run("run", "small", "wait", "--wait", "--timeout", "300ms");

    const [runId = ""] = /run_\S+/.exec(err) ?? [];
    expect(code).toBe(7);
    expect(out).toMatch(new RegExp(`${runId} {2}running`));
    expect(err).toBe(`openvibe: the run has not ended, and goes on; see it with: openvibe runs watch ${runId}\n`);
    expect((await run("runs", "cancel", runId)).code).toBe(0);
  });

  test("without --wait says how to go on", async () => {
    const { code, out, err } = await run("run", "small", "add");
    const [runId] = /run_\S+/.exec(out) ?? [];

    expect(code).toBe(0);
    expect(err).toBe(`openvibe: see it with: openvibe runs watch ${runId}\n`);
  });

  test("says so for the server that was named, and the line can be typed as it stands", async () => {
    const { err } = await run("run", "small", "add", "--url", served.url);
    const [line = ""] = /(?<=openvibe: see it with: openvibe ).*/.exec(err) ?? [];

    const watched = await openvibe(line.split(" "), { env: { OPENVIBE_API_KEY: served.key } });

    expect(line).toContain(`--url ${served.url}`);
    expect(watched).toMatchObject({ code: 0, out: expect.stringMatching(/completed {2}small\.add/) as string });
  });

  test("warns when nobody serves the operator now, and the run waits", async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path, env: { OPENVIBE_LOG_LEVEL: "error" } };
    const first = await startServer([SMALL], options);
    first.signal("SIGTERM");
    await first.ended;
    await using doors = await startServer(["--roles", "gateway,event-relay"], options);

    const { code, out, err } = await openvibe(["run", "small", "add"], { env: { OPENVIBE_URL: doors.url } });
    const operators = await openvibe(["operators"], { env: { OPENVIBE_URL: doors.url } });

    expect([code, out]).toEqual([0, expect.stringMatching(/queued {2}small\.add/) as string]);
    expect(err).toMatch(/^openvibe: warning: nobody serves small now; the run waits until somebody does\nopenvibe: see it with: /);
    expect(operators.out).toMatch(/\nsmall +add, fail, .* nobody\n$/);
  });

  test("tells which fields of the input are none of the state", async () => {
    const { out } = await run("run", "small", "add", "--input", '{"n":1,"m":2}', "--wait");

    expect(out).toMatch(/\n {2}ignored input, which is no field of the state: m\n/);
  });

  test("-q says nothing but the result, with --wait only how it ended", async () => {
    const started = await run("run", "small", "add", "-q");
    const waited = await run("-q", "run", "small", "add", "--wait");

    expect([started.err, waited.err]).toEqual(["", ""]);
    expect(started.out).toMatch(/^run_\S+ {2}(queued|running)/);
    expect(waited.out).toMatch(/^run_\S+ {2}completed/);
  });

  test("takes the input from a file and from standard input", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "input.json"), '{"n":1}');

    const fromFile = await run("run", "small", "add", "--input", `@${join(folder.path, "input.json")}`, "--json");
    const fromStdin = await served.command(["run", "small", "add", "--input", "-", "--json"], { stdin: '{"n":2}' });

    expect([fromFile, fromStdin].map(({ out }) => jsonLines(out)[0]?.input)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("gives the same run for the same idempotency key", async () => {
    const first = await served.activate("small", "add", "--idempotency-key", "k1");

    expect(await served.activate("small", "add", "--idempotency-key", "k1")).toBe(first);
  });

  test.each<[string, string[], number, RegExp]>([
    ["text that is no JSON", ["small", "add", "--input", "{n:1}"], 2, /--input is not valid JSON/],
    ["a key twice", ["small", "add", "--input", '{"n":1,"n":2}'], 2, /--input has the key "n" twice/],
    ["JSON that is no object", ["small", "add", "--input", "[1]"], 2, /--input must be a JSON object/],
    ["a missing input file", ["small", "add", "--input", "@/gone.json"], 2, /--input cannot be read: ENOENT.*gone\.json/],
    [
      "input that does not fit",
      ["small", "add", "--input", '{"n":"1"}'],
      2,
      /input of small\.add at \/input\/n: must be integer, got string/,
    ],
    ["an unknown operator", ["smal", "add"], 6, /there is no operator smal; did you mean "small"\?/],
    ["an unknown trigger", ["small", "ad"], 6, /has no trigger or workflow "ad"; did you mean "add"\?.*there are add, fail/],
    ["an operator that is no id", ["Small Operator", "add"], 2, /Small Operator/],
    ["a missing key file", ["small", "add", "--api-key-file", "/gone"], 2, /--api-key-file cannot be read: ENOENT/],
    ["no trigger", ["small"], 2, /missing required argument 'trigger'/],
    ["one argument too many", ["small", "add", "more"], 2, /too many arguments/],
    [
      "an unknown flag",
      ["small", "add", "--inptu", "{}"],
      2,
      /^openvibe: unknown option '--inptu'; did you mean --input\? \(openvibe run --help shows what there is\)\n$/,
    ],
    ["a wrong address", ["small", "add", "--url", "localhost"], 2, /'localhost' is invalid\. Allowed is an address such as/],
    ["a wrong timeout", ["small", "add", "--wait", "-t", "soon"], 2, /'soon' is invalid\. Allowed is a duration/],
  ])("refuses %s", async (_what, args, exitCode, message) => {
    const { code, out, err } = await run("run", ...args);

    expect([code, out]).toEqual([exitCode, ""]);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /); // no stack
  });
});
