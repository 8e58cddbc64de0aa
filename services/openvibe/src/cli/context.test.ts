/** `openvibe context` as processes against a server. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND, openFolder, startNode } from "../spawn-node.fixture.ts";
import { jsonLines, type ServedSmall, serveSmall } from "./served-small.fixture.ts";

const BUCKET = "context-notes";

let served: ServedSmall;
beforeAll(async () => {
  served = await serveSmall();
}, 30_000);
afterAll(() => served[Symbol.asyncDispose]());

const context = (...args: string[]) => served.command(["context", ...args]);

describe("openvibe context", () => {
  test("put writes a value, get gives it back as it can be piped on", async () => {
    const put = await context("put", BUCKET, "ada", '{"n":1,"who":"Ada"}');
    const got = await context("get", BUCKET, "ada");
    const entry = await context("get", BUCKET, "ada", "--json");

    expect(put).toMatchObject({ code: 0, out: expect.stringMatching(/^context-notes\/ada has revision \d+\n$/) as string, err: "" });
    expect(got).toMatchObject({ code: 0, out: '{\n  "n": 1,\n  "who": "Ada"\n}\n', err: "" });
    expect(jsonLines(entry.out)[0]).toMatchObject({ key: "ada", value: { n: 1, who: "Ada" }, revision: expect.any(Number) as number });
  });

  test("put takes any JSON, from a file and from standard input, too", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "value.json"), "[1,null]");

    await context("put", BUCKET, "file", `@${join(folder.path, "value.json")}`);
    await served.command(["context", "put", BUCKET, "stdin", "-"], { stdin: "null" });

    expect((await context("get", BUCKET, "file")).out).toBe("[\n  1,\n  null\n]\n");
    expect((await context("get", BUCKET, "stdin")).out).toBe("null\n");
  });

  test("put --create and --if-match write only under their condition", async () => {
    const created = await context("put", BUCKET, "once", "1", "--create", "--json");
    const again = await context("put", BUCKET, "once", "2", "--create");
    const { revision } = jsonLines(created.out)[0] as { revision: number };
    const over = await context("put", BUCKET, "once", "3", "--if-match", String(revision));
    const late = await context("put", BUCKET, "once", "4", "--if-match", String(revision));

    expect([created.code, again.code, over.code, late.code]).toEqual([0, 1, 0, 1]);
    expect(again.err).toMatch(/; read it again with: openvibe context get --json\n$/);
    expect((await context("get", BUCKET, "once")).out).toBe("3\n");
  });

  test("watch shows a value, and again when it changes, until Ctrl-C", async () => {
    await context("put", BUCKET, "watched", '"first"');
    await using watching = startNode([COMMAND, "context", "watch", BUCKET, "watched", "--every", "100ms"], { env: served.env });
    await watching.until(/^revision \d+ {2}"first"\n/);

    await context("put", BUCKET, "watched", '"second"');
    await watching.until(/\nrevision \d+ {2}"second"\n$/);
    watching.signal("SIGINT");

    const { code, out, err } = await watching.ended;
    expect([code, err]).toEqual([130, ""]);
    expect(out.trimEnd().split("\n")).toHaveLength(2); // unchanged, it was asked for many times
  });

  test("watch says that a value is not there, and shows it when it comes", async () => {
    await using watching = startNode([COMMAND, "context", "watch", BUCKET, "later", "--every", "100ms", "--timeout", "1m"], {
      env: served.env,
    });
    await watching.until(/^openvibe: context-notes\/later is not there\n$/);

    await context("put", BUCKET, "later", "true");

    await watching.until(/^revision \d+ {2}true\n$/);
  });

  test("ls lists keys, and how to see more of them", async () => {
    for (const key of ["list.a", "list.b", "other"]) await context("put", "context-lists", key, "[1,2,3]", "-q");

    const first = await context("ls", "context-lists", "--prefix", "list.", "-n", "1");
    const [, cursor = ""] = /--cursor (\S+)\n$/.exec(first.err) ?? [];
    const rest = await context("ls", "context-lists", "--prefix", "list.", "-n", "1", "--cursor", cursor);
    const json = await context("ls", "context-lists", "--json");

    expect([first.code, first.err]).toEqual([0, `openvibe: there are more; go on with the same options and: --cursor ${cursor}\n`]);
    expect(first.out).toMatch(/^KEY +REVISION +BYTES +CREATED\nlist\.a +\d+ +7 +\d{4}-\d\d-\d\dT\S+Z\n$/);
    expect([rest.code, rest.err, rest.out]).toEqual([0, "", expect.stringMatching(/\nlist\.b /) as string]);
    expect(jsonLines(json.out)[0]).toMatchObject({ data: [{ key: "list.a" }, { key: "list.b" }, { key: "other" }], has_more: false });
  });

  test("rm deletes a value, under a condition where one is given", async () => {
    const { revision } = jsonLines((await context("put", BUCKET, "gone", "1", "--json")).out)[0] as { revision: number };

    const refused = await context("rm", BUCKET, "gone", "--if-match", String(revision + 1_000));
    const removed = await context("rm", BUCKET, "gone", "--if-match", String(revision));
    const again = await context("rm", BUCKET, "gone");

    expect(refused).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(new RegExp(`has revision ${revision}, .*; read it`)) as string,
    });
    expect(removed).toMatchObject({ code: 0, out: "context-notes/gone is deleted\n", err: "" });
    expect(again).toMatchObject({ code: 6, out: "", err: expect.stringMatching(/has no key gone; see what there is with/) as string });
  });

  test.each<[string[], number, RegExp]>([
    [["get", BUCKET, "nothing"], 6, /see what there is with: openvibe context ls <bucket>\n$/],
    [["get", "notes", "a"], 2, /context-/],
    [["put", BUCKET, "a", "{n:1}"], 2, /^openvibe: the value is not valid JSON/],
    [["put", BUCKET, "a", "@/gone.json"], 2, /^openvibe: the value cannot be read: ENOENT/],
    [["put", BUCKET, "a", "1", "--if-match", "new"], 2, /Allowed is a revision such as 15/],
    [["put", BUCKET, "a b", "1"], 2, /a b/],
    [["watch", BUCKET, "a", "--every", "1ms"], 2, /Allowed is 100ms or longer/],
    [["wach"], 2, /unknown command 'wach'; did you mean watch\?/],
  ])("%j ends with %d", async (args, exitCode, message) => {
    const { code, out, err } = await context(...args);

    expect([code, out]).toEqual([exitCode, ""]);
    expect(err).toMatch(message);
  });
});
