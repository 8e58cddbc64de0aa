/** `openvibe graph`, `diff` and `runs rerun`, as a person at a terminal uses them. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HELLO, openFolder, openvibe, SMALL } from "../spawn-node.fixture.ts";
import { jsonLines, type ServedSmall, serveSmall } from "./served-small.fixture.ts";

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

const HELLO_TEXT = "greet  on_demand\n└─ say_hello  llm haiku → greeting\n";

describe("openvibe graph", () => {
  test("draws a file, and what a server has, alike", async () => {
    const [file, server] = await Promise.all([openvibe(["graph", HELLO]), served.command(["graph", "hello"])]);

    expect(file).toEqual({ code: 0, out: HELLO_TEXT, err: "" });
    expect(server).toEqual({ code: 0, out: HELLO_TEXT, err: "" });
  });

  test("draws one workflow, in the format that is asked for", async () => {
    const [mermaid, svg, json] = await Promise.all([
      openvibe(["graph", SMALL, "--workflow", "approve", "--format", "mermaid"]),
      openvibe(["graph", SMALL, "--workflow", "approve", "--format", "svg"]),
      openvibe(["graph", SMALL, "--workflow", "approve", "--json"]),
    ]);

    expect(mermaid.out).toContain('w0_0[/"ask<br/>human → approved"/]\n');
    expect(svg.out).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(JSON.parse(json.out)).toMatchObject([
      { operator_id: "small", workflows: [{ id: "approve", edges: expect.any(Array) as object }] },
    ]);
  });

  test("says what is wrong with what was named", async () => {
    const [workflow, word, operator] = await Promise.all([
      openvibe(["graph", HELLO, "--workflow", "nope"]),
      openvibe(["graph", "./nope.ts"]),
      served.command(["graph", "hallo"]),
    ]);

    expect([workflow.code, workflow.err]).toEqual([2, expect.stringContaining("no workflow nope") as string]);
    expect([word.code, word.err]).toEqual([3, expect.stringContaining("there is no file ./nope.ts") as string]);
    expect([operator.code, operator.err]).toEqual([6, expect.stringContaining('did you mean "hello"') as string]);
  });
});

describe("openvibe diff", () => {
  test("of a file and the same at a server ends with 0", async () => {
    expect(await served.command(["diff", HELLO, "hello"])).toEqual({ code: 0, out: "", err: "openvibe: they say the same\n" });
  });

  test("tells what changed and where runs would be parked, and ends with 1", async () => {
    await using folder = await openFolder();
    const changed = join(folder.path, "small.ts");
    const text = (await readFile(SMALL, "utf8")).replaceAll('"openvibe"', JSON.stringify(new URL("../index.ts", import.meta.url).href));
    const zod = JSON.stringify(import.meta.resolve("zod"));
    await writeFile(
      changed,
      text.replaceAll('"zod"', zod).replace('.human("ask"', '.node("prepare", () => ({}))\n  .human("ask"').replace("[add, fail,", "[add,"),
    );

    const { code, out, err } = await served.command(["diff", "small", changed]);
    const json = await served.command(["diff", "small", changed, "--json"]);

    expect([code, err]).toEqual([1, ""]);
    expect(out.replace(/[0-9a-f]{16}/g, "…")).toBe(`small  … -> …
- workflow fail
  runs of the old version that stand before these steps wait for a worker that has it:
    break: there is no workflow fail
~ workflow approve
  + step prepare
  runs of the old version that stand before these steps wait for a worker that has it:
    ask: step prepare comes before ask, and did not
    count: step prepare comes before count, and did not
`);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      operator_id: "small",
      same: false,
      workflows: [{ change: "removed" }, { parks: [{}, {}] }],
    });
  });

  test("takes a saved answer of a server, and a version", async () => {
    await using folder = await openFolder();
    const saved = join(folder.path, "hello.json");
    const answer = await fetch(`${served.url}/v1/operators/hello`, { headers: { authorization: `Bearer ${served.key}` } });
    const body = (await answer.json()) as { version: string };
    await writeFile(saved, JSON.stringify({ ...body, name: "Hello!" }));

    const { code, out } = await served.command(["diff", `hello@${body.version}`, saved]);

    expect([code, out]).toEqual([1, `hello  ${body.version} -> ${body.version}\n~ name\n`]);
  });

  test("of different operators is refused", async () => {
    const { code, err } = await openvibe(["diff", HELLO, SMALL]);

    expect([code, err]).toEqual([2, expect.stringContaining("there is hello on one side and small on the other") as string]);
  });
});

describe("openvibe runs rerun", () => {
  test("makes a new run of an ended one, with changes", async () => {
    const { out } = await served.command(["run", "small", "add", "--input", '{"n":1}', "--wait", "--json"]);
    const old = String(jsonLines(out).at(-1)?.run_id);

    const made = await served.command(["runs", "rerun", old, "--set", "n=41"]);
    const id = /^run_\S+/.exec(made.out)?.[0] ?? "";
    const watched = await served.command(["runs", "watch", id, "--json"]);

    expect(made).toMatchObject({ code: 0, err: expect.stringContaining(`openvibe runs watch ${id}`) as string });
    expect(made.out).toContain(`in place of ${old}`);
    expect(jsonLines(watched.out).at(-1)).toMatchObject({ status: "completed", rerun_of: old, output: { n: 42 } });
  });

  test("says what does not fit", async () => {
    const { out } = await served.command(["run", "small", "add", "--wait", "--json"]);
    const old = String(jsonLines(out).at(-1)?.run_id);

    const [step, history, flag] = await Promise.all([
      served.command(["runs", "rerun", old, "--from", "add_two"]),
      served.command(["runs", "rerun", old, "--from", "add_one"]),
      served.command(["runs", "rerun", old, "--model", "opus"]),
    ]);

    expect([step.code, step.err]).toEqual([2, expect.stringContaining('there is no step "add_two"; there are add_one') as string]);
    expect([history.code, history.err]).toEqual([1, expect.stringContaining("OPENVIBE_HISTORY=true") as string]);
    expect([flag.code, flag.err]).toEqual([2, expect.stringContaining("Allowed is step=model") as string]);
  });
});
