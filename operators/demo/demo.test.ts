import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const DEMO = fileURLToPath(new URL("main.ts", import.meta.url));

/** Ends the demo that does not start; nothing of our own environment but what is given. */
async function refusal(env: Readonly<Record<string, string>>): Promise<unknown> {
  return await new Promise((resolve) => {
    execFile(process.execPath, ["-C", "openvibe-source", DEMO], { env, timeout: 15_000 }, (error, out, err) =>
      resolve({ code: error?.code, out, err }),
    );
  });
}

test("the demo says in one line that its port is taken", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;

  const refused = await refusal({ OPENVIBE_PORT: String(port) });
  taken.close();

  const line = new RegExp(`^demo: address 127\\.0\\.0\\.1:${port} is taken by another process; choose another with .*OPENVIBE_PORT.*\\n$`);
  expect(refused).toEqual({ code: 3, out: "", err: expect.stringMatching(line) as string });
});

test("the demo says in one line that its port is none", async () => {
  const err = "demo: OPENVIBE_PORT must be a whole number from 0 to 65535\n";

  expect(await refusal({ OPENVIBE_PORT: "abc" })).toEqual({ code: 3, out: "", err });
});
