/** `openvibe serve` as processes: how it refuses to start, and how it ends. */

import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import {
  COMMAND,
  type Ended,
  HELLO,
  openFolder,
  openvibe,
  SMALL,
  type SpawnOptions,
  startNode,
  startServer,
} from "../spawn-node.fixture.ts";

const MEMORY = { OPENVIBE_STORE: "memory", OPENVIBE_LOG_LEVEL: "error" };

/** What it said when it did not start: one line for people, never a stack. */
function refusal({ code, out, err }: Ended): readonly [number | null, string] {
  expect(out).toBe("");
  expect(err).not.toMatch(/\n\s+at /);
  expect(err).toMatch(/^openvibe: .*\n$/);
  return [code, err];
}

describe("openvibe serve refuses with 2 what was typed wrong", () => {
  test.each<[string, string[], RegExp]>([
    [
      "an operator without a name",
      ["--operators", "hello,,small", HELLO, SMALL],
      /--operators: an operator without a name; there are hello, small/,
    ],
    [
      "an operator that is not there",
      ["--operators", "helo", HELLO, SMALL],
      /--operators: there is no operator "helo" \(did you mean "hello"\?\); there are hello, small/,
    ],
    [
      "an operator named twice",
      ["--operators", "small,small", HELLO, SMALL],
      /--operators: operator small is named twice; there are hello, small/,
    ],
    ["a role that is none", ["--roles", "bad", HELLO], /"bad" is no role; there are gateway, worker, event-relay, scheduler \(/],
    ["a role that is misspelt", ["--roles", "gatway", HELLO], /"gatway" is no role; .*; did you mean gateway\?/],
    ["a port that is no number", ["--port", "abc", HELLO], /'abc' is invalid\. Allowed is a whole number from 0 to 65535/],
    ["a port that is too large", ["--port", "99999", HELLO], /'99999' is invalid\. Allowed is a whole number from 0 to 65535/],
    ["a file that is not there", ["gone.ts"], /There is no file \/.*gone\.ts/],
    ["a flag that is none", ["--opertors", "hello"], /unknown option '--opertors'; did you mean --operators\?/],
  ])("%s", async (_what, args, message) => {
    const [code, err] = refusal(await openvibe(["serve", ...args], { env: MEMORY }));

    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("openvibe serve refuses with 3 what it finds wrong", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["a variable", { OPENVIBE_BUS: "natss" }, /^openvibe: OPENVIBE_BUS must be memory or nats or redis\n$/],
    ["a variable that is none", { OPENVIBE_OPERATOR: "hello" }, /OPENVIBE_OPERATOR is no variable.*did you mean OPENVIBE_OPERATORS\?/],
    [
      "an operator in the environment",
      { OPENVIBE_OPERATORS: "helo" },
      /OPENVIBE_OPERATORS: there is no operator "helo" \(did you mean "hello"\?\); there are hello/,
    ],
    ["a host without keys", { OPENVIBE_HOST: "0.0.0.0" }, /set OPENVIBE_API_KEYS/],
    ["a model without its key", { OPENVIBE_LLM: "anthropic" }, /OPENVIBE_LLM is anthropic, which needs ANTHROPIC_API_KEY/],
    ["faults outside of tests", { OPENVIBE_TEST_FAULTS: "noOwnerCheck" }, /NODE_ENV=test/],
  ])("%s", async (_what, env, message) => {
    const [code, err] = refusal(await openvibe(["serve", "--port", "0", HELLO], { env: { ...MEMORY, ...env } }));

    expect(err).toMatch(message);
    expect(code).toBe(3);
  });

  test("a folder without operators", async () => {
    await using folder = await openFolder();

    const [code, err] = refusal(await openvibe(["serve"], { env: MEMORY, cwd: folder.path }));

    expect([code, err]).toEqual([3, expect.stringMatching(/there is no operator: name a file, or put operators at/) as string]);
  });

  test("an operator that cannot be loaded", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "broken.ts"), "throw new Error('CRM_URL is not set');");

    const [code, err] = refusal(await openvibe(["serve", "broken.ts"], { env: MEMORY, cwd: folder.path }));

    expect([code, err]).toEqual([3, expect.stringMatching(/broken\.ts cannot be loaded: CRM_URL is not set/) as string]);
  });

  test("an address that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await vi.waitUntil(() => taken.listening);
    const port = String((taken.address() as AddressInfo).port);

    const { code, err } = await openvibe(["serve", "--port", port, HELLO], { env: MEMORY });
    taken.close();

    expect(code).toBe(3);
    expect(err).toBe(
      `openvibe: address 127.0.0.1:${port} is taken by another process; choose another with --port or OPENVIBE_PORT (0 takes any free one)\n`,
    );
  });
});

test("openvibe serve says with 4 that the broker cannot be reached, without its password", async () => {
  const env = { ...MEMORY, NATS_URL: "nats://user:hunter2-hunter2@127.0.0.1:1" };

  const { code, err, out } = await openvibe(["serve", "--port", "0", HELLO], { env });

  expect([code, err]).toEqual([4, expect.stringMatching(/^openvibe: .*NATS.*\n$/) as string]);
  expect(err + out).not.toContain("hunter2");
}, 40_000); // it tries for 10 s

describe("a server", () => {
  test("holds its store alone, drains on SIGTERM, and leaves the store to the next", async () => {
    await using folder = await openFolder();
    const env = { OPENVIBE_LOG_LEVEL: "info" };
    await using first = await startServer([SMALL], { cwd: folder.path, env });

    const [code, err] = refusal(await openvibe(["serve", "--port", "0", SMALL], { cwd: folder.path, env }));
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(/openvibe\.db is held by another process: stop it, or choose another file\n$/) as string,
    ]);

    const { out } = await openvibe(["run", "small", "wait", "--json"], { env: { OPENVIBE_URL: first.url } });
    const { run_id } = JSON.parse(out) as { run_id: string };
    first.signal("SIGTERM");
    await first.until(/"msg":"draining"/); // and does so for long, since a step of `wait` is running
    first.signal("SIGINT");
    expect(await first.ended).toMatchObject({ code: 130, err: "" });

    await using second = await startServer([SMALL], { cwd: folder.path, env });
    const cancelled = await openvibe(["runs", "cancel", run_id], { env: { OPENVIBE_URL: second.url } });
    expect(cancelled.code).toBe(0);
    second.signal("SIGTERM");
    expect(await second.ended).toMatchObject({ code: 0, err: "" });
  }, 60_000);

  test("that is asked to end while it starts, ends", async () => {
    await using folder = await openFolder();
    const text = `process.kill(process.pid, "SIGTERM"); await new Promise((resolve) => setTimeout(resolve, 100));
      export { default } from ${JSON.stringify(HELLO)};`;
    await writeFile(join(folder.path, "slow.ts"), text);

    await using server = startNode([COMMAND, "serve", "--port", "0", "slow.ts"], { cwd: folder.path, env: MEMORY });

    expect(await server.ended).toMatchObject({ code: 0, err: "" });
  });

  test("of one role without a door runs until it is asked to end", async () => {
    await using server = startNode([COMMAND, "serve", "--roles", "worker", SMALL], { env: MEMORY });
    await server.until(/OpenVibe runs worker\n/);

    server.signal("SIGTERM");

    expect(await server.ended).toMatchObject({ code: 0, err: "" });
  });

  test("takes its operators from ./operators, and only the wanted ones", async () => {
    await using folder = await openFolder();
    const index = (file: string) => `export { default } from ${JSON.stringify(file)};`;
    for (const [name, file] of [
      ["hello", HELLO],
      ["small", SMALL],
    ] as const) {
      await mkdir(join(folder.path, "operators", name), { recursive: true });
      await writeFile(join(folder.path, "operators", name, "index.ts"), index(file));
    }
    const options: SpawnOptions = { cwd: folder.path, env: MEMORY };

    await using server = await startServer(["--operators", "small"], options);

    expect(server.said.out).toMatch(/^OpenVibe serves small at http:\/\/127\.0\.0\.1:\d+\n {2}model echo, bus memory, store memory\n/);
  });
});
