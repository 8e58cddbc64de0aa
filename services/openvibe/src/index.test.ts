import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { HELLO, startNode } from "./spawn-node.fixture.ts";

const RECORDER = new URL("./record-imports.fixture.ts", import.meta.url).href;
const VENDORS = /\/node_modules\/(fastify|pg|@nats-io|@langchain|@anthropic-ai|pino|prom-client|commander)\//;
const OURS =
  /\/(libs\/(bus|store|runtime|graph|http|telemetry|composition|context|llm)|services\/(gateway|worker|event-relay|scheduler))\//;

/** What Node loads while it runs the code. */
async function loadedBy(code: string): Promise<readonly string[]> {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const { code: exitCode, out, err } = await startNode(["--import", RECORDER, "--input-type=module", "-e", code], { cwd }).ended;
  expect([exitCode, err]).toEqual([0, ""]);
  return out.split("\n");
}

describe("importing openvibe", () => {
  test("loads what authors write with, and no server, store, bus or vendor", async () => {
    const loaded = await loadedBy('await import("openvibe")');

    expect(loaded.some((url) => url.includes("/libs/sdk/"))).toBe(true);
    expect(loaded.some((url) => url.includes("/zod/"))).toBe(true);
    expect(loaded.filter((url) => VENDORS.test(url) || OURS.test(url))).toEqual([]);
  });

  test("is all that an operator's file needs", async () => {
    const loaded = await loadedBy(`await import(${JSON.stringify(HELLO)})`);

    expect(loaded.some((url) => url.endsWith("/operators/hello/index.ts"))).toBe(true);
    expect(loaded.filter((url) => VENDORS.test(url) || OURS.test(url))).toEqual([]);
  });

  test("for its client loads what speaks HTTP, and nothing of a server", async () => {
    const loaded = await loadedBy('await import("openvibe/client")');

    expect(loaded.some((url) => url.includes("/openapi-fetch/"))).toBe(true);
    const needed = /\/libs\/http\/src\/(sse\/|weights)/;
    expect(loaded.filter((url) => VENDORS.test(url) || (OURS.test(url) && !needed.test(url)))).toEqual([]);
  });

  test("loads the runtime when one is made, and still no vendor that was not chosen", async () => {
    const loaded = await loadedBy(`
      const [{ createRuntime }, { default: hello }] = await Promise.all([import("openvibe"), import(${JSON.stringify(HELLO)})]);
      await using runtime = await createRuntime({ operators: [hello] });
    `);

    expect(loaded.some((url) => url.includes("/@langchain/"))).toBe(true); // so the recorder sees vendors
    expect(loaded.filter((url) => /\/node_modules\/(pg|@nats-io|@anthropic-ai)\//.test(url))).toEqual([]);
  });
});
