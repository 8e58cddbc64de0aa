/** What `openvibe serve` says at its start about the broker it finds. */
import { fileURLToPath } from "node:url";
import { startNats } from "@openvibe/stack";
import { describe, expect, inject, test } from "vitest";
import { HELLO, openvibe, startNode, startServer } from "../spawn-node.fixture.ts";
import { disguised } from "./disguised-nats.fixture.ts";

const WORKER = fileURLToPath(new URL("../../../worker/src/main.ts", import.meta.url));
const env = (natsUrl: string) => ({ OPENVIBE_STORE: "memory", NATS_URL: natsUrl });

describe("openvibe serve and the broker's version", () => {
  test.each(["2.9.25", "2.9.10"])("%s is refused with 3, in one line", async (version) => {
    await using broker = await disguised(inject("natsUrl"), { version });

    const { code, err } = await openvibe(["serve", "--port", "0", HELLO], { env: env(broker.url) });

    expect([code, err]).toEqual([3, `openvibe: nats-server ${version} is too old: 2.10.0 or newer is needed, 2.12.6 advised\n`]);
  });

  test.each(["2.10.27", "2.12.5"])("%s is warned of in one line, and served", async (version) => {
    await using broker = await disguised(inject("natsUrl"), { version });
    await using server = await startServer([HELLO], { env: env(broker.url) });

    const lines = server.said.out.split("\n").filter((line) => line.includes("older than advised"));

    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: "warn",
        server_version: version,
        advised: "2.12.6",
        msg: expect.stringMatching(/^nats-server is older than advised/),
      }),
    ]);
  });

  test("a worker of its own refuses and warns in the same words", async () => {
    await using tooOld = await disguised(inject("natsUrl"), { version: "2.9.25" });
    await using old = await disguised(inject("natsUrl"), { version: "2.10.27" });
    const start = (natsUrl: string) => startNode([WORKER], { env: { ...env(natsUrl), OPENVIBE_OPERATOR_FILES: HELLO } });
    await using refusing = start(tooOld.url);
    await using working = start(old.url);

    const { code, err } = await refusing.ended;
    await working.until(/worker takes work/);

    expect([code, err]).toEqual([2, "openvibe worker: nats-server 2.9.25 is too old: 2.10.0 or newer is needed, 2.12.6 advised\n"]);
    expect(working.said.out).toMatch(/"level":"warn".*"server_version":"2\.10\.27".*nats-server is older than advised/);
  });

  test("2.12.6 is served without a word", async () => {
    await using broker = await disguised(inject("natsUrl"), { version: "2.12.6" });
    await using server = await startServer([HELLO], { env: env(broker.url) });

    expect(server.said.out + server.said.err).not.toMatch(/older than advised/);
  });
});

test("openvibe serve tells a wrong password as that, with 4, without its text and without a time that did not pass", async () => {
  await using server = await startNats({ extraConfig: "authorization { user: ov, password: right-one }" });

  const { code, err, out } = await openvibe(["serve", "--port", "0", HELLO], { env: env(server.url.replace("//", "//ov:wrong-one@")) });

  expect([code, err]).toEqual([
    4,
    expect.stringMatching(/^openvibe: NATS at \S+ refuses the login; check user and password.*\n$/) as string,
  ]);
  expect(err + out).not.toMatch(/wrong-one|within/);
});
