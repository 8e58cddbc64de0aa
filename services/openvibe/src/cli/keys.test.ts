/** `openvibe keys create`, and a server that lets its keys in. */
import { describe, expect, test } from "vitest";
import { HELLO, openFolder, openvibe, SMALL, startServer } from "../spawn-node.fixture.ts";

interface Created {
  readonly key: string;
  readonly entry: string;
}

const create = async (...args: string[]) => {
  const { code, out, err } = await openvibe(["keys", "create", "--json", ...args]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Created;
};

describe("openvibe keys create", () => {
  test("shows the key once, and both entries", async () => {
    const { code, out, err } = await openvibe(["keys", "create", "--name", "ci", "--scopes", "run", "--operators", "hello"]);

    expect(code).toBe(0);
    expect(out).toMatch(
      /^key {16}ov_[0-9a-z]{32}\nOPENVIBE_API_KEYS {2}ci:(sha256:[0-9a-f]{64}):scopes=run:operators=hello\nopenvibe\.config {4}apiKeys: \[\{"name":"ci","hash":"\1","scopes":\["run"\],"operators":\["hello"\]\}\]\n$/,
    );
    expect(err).toMatch(/shown this once/);
  });

  test.each<[string[], RegExp]>([
    [["--name", "C I", "--scopes", "run"], /--name: "C I" must be an id: 1 to 64 of a-z, 0-9, _ and -/],
    [["--name", "ci", "--scopes", "read,rum"], /--scopes: "rum" must be read or run or admin; did you mean "run"\?/],
    [["--name", "ci", "--scopes", "run", "--operators", "hello,,x"], /--operators: "" must be an id/],
    [["--name", "ci"], /required option '--scopes <scopes>' not specified/],
  ])("refuses %j with 2", async (args, message) => {
    const { code, out, err } = await openvibe(["keys", "create", ...args]);

    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });
});

test("a server lets a key do what its entry says, and tells no key in its log", async () => {
  await using folder = await openFolder();
  const run = await create("--name", "ci", "--scopes", "read,run", "--operators", "hello");
  const read = await create("--name", "board", "--scopes", "read");
  await using server = await startServer([HELLO, SMALL], {
    cwd: folder.path,
    env: { OPENVIBE_STORE: "memory", OPENVIBE_LOG_LEVEL: "debug", OPENVIBE_API_KEYS: `${run.entry},${read.entry},ov_plain_one` },
  });
  const as = (key: string) => ({ cwd: folder.path, env: { OPENVIBE_URL: server.url, OPENVIBE_API_KEY: key } });

  const ran = await openvibe(["run", "hello", "greet", "--wait", "--json"], as(run.key));
  const foreign = await openvibe(["run", "small", "add"], as(run.key));
  const reader = await openvibe(["run", "small", "add"], as(read.key));
  const stranger = await openvibe(["runs", "ls"], as("ov_nobody_knows_me"));
  const listed = await openvibe(["runs", "ls", "--json"], as(read.key));

  expect([ran.code, ran.err]).toEqual([0, expect.anything()]);
  expect([foreign.code, foreign.err]).toEqual([5, expect.stringContaining("for the operators hello only, not for small")]);
  expect([reader.code, reader.err]).toEqual([5, expect.stringContaining("lacks the scope run")]);
  expect([stranger.code, listed.code]).toEqual([5, 0]);
  expect(listed.out).toContain('"operator_id":"hello"');
  expect(server.said.out + server.said.err).toContain("request answered");
  for (const key of [run.key, read.key, "ov_plain_one", "ov_nobody_knows_me"])
    expect(server.said.out + server.said.err + foreign.err + reader.err + stranger.err).not.toContain(key);
});
