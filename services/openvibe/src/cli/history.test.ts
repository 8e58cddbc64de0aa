/** Whether history is kept where nobody said so, and where somebody did. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMAND, openFolder, openvibe, SMALL, startNode } from "../spawn-node.fixture.ts";

test.each([
  { command: "dev", said: undefined, recorded: true },
  { command: "dev", said: "false", recorded: false },
  { command: "serve", said: undefined, recorded: false },
  { command: "serve", said: "true", recorded: true },
])(
  "openvibe $command with OPENVIBE_HISTORY=$said: recorded is $recorded",
  async ({ command, said, recorded }) => {
    await using folder = await openFolder();
    const args = command === "dev" ? ["dev", "--no-watch"] : ["serve"];
    const env = { OPENVIBE_SQLITE_PATH: join(folder.path, "runs.db"), ...(said === undefined ? {} : { OPENVIBE_HISTORY: said }) };
    await using server = startNode([COMMAND, ...args, "--port", "0", SMALL], { env });
    const [, url = ""] = await server.until(/OpenVibe serves small at (http:\S+)/, 30_000);
    const { out } = await openvibe(["run", "small", "add", "--input", '{"n":1}', "--json", "--wait"], { env: { OPENVIBE_URL: url } });
    const { run_id } = JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as { run_id: string };

    const history = (await (await fetch(`${url}/v1/operators/small/runs/${run_id}/history`)).json()) as {
      recorded: boolean;
      data: object[];
    };

    expect(history.recorded).toBe(recorded);
    expect(history.data).toMatchObject(recorded ? [{ node_id: "add_one", patch: { n: 2 }, next: null }] : []);
    // Where no terminal is, lines are JSON, also in dev.
    expect(server.said.out.split("\n").filter((line) => line.includes("worker takes work"))).toEqual([
      expect.stringMatching(/^\{"level":"info"/),
    ]);
  },
  60_000,
);
