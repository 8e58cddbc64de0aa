import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { HELLO, startNode } from "./spawn-node.fixture.ts";

const RECORDER = new URL("./record-imports.fixture.ts", import.meta.url).href;
/** What Node loads while it runs the code. */
async function loadedBy(code: string): Promise<readonly string[]> {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const { code: exitCode, out, err } = await startNode(["--import", RECORDER, "--input-type=module", "-e", code], { cwd }).ended;
  expect([exitCode, err]).toEqual([0, ""]);
  return out.split("\n");
}

/** The folders of ours and the packages of others that files were loaded from. */
function sourcesOf(loaded: readonly string[]): readonly string[] {
  const names = loaded.map((url) =>
    /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)|\/((?:libs|services|operators)\/[^/]+)\//.exec(url),
  );
  return [...new Set(names.flatMap((name) => name?.[1] ?? name?.[2] ?? []))].sort();
}

describe("importing openvibe", () => {
  test("loads what authors write with, and no server, store, bus or vendor; not even zod, which an author's file brings", async () => {
    const loaded = await loadedBy('await import("openvibe")');

    expect(sourcesOf(loaded)).toEqual(["libs/core", "libs/sdk", "services/openvibe"]);
    expect(loaded.filter((url) => url.includes("/decorators/"))).toEqual([]);
  });

  test("for its decorators loads zod besides, and nothing that rewrites them", async () => {
    const loaded = await loadedBy('await import("openvibe/decorators")');

    expect(sourcesOf(loaded)).toEqual(["libs/core", "libs/sdk", "services/openvibe", "zod"]);
  });

  test("is all that an operator's file needs beside zod", async () => {
    const loaded = await loadedBy(`await import(${JSON.stringify(HELLO)})`);

    expect(sourcesOf(loaded)).toEqual(["libs/core", "libs/sdk", "operators/hello", "services/openvibe", "zod"]);
  });

  test("for its client loads what speaks HTTP, and nothing of a server", async () => {
    const loaded = await loadedBy('await import("openvibe/client")');

    expect(sourcesOf(loaded)).toEqual(["libs/core", "libs/http", "openapi-fetch", "services/openvibe"]);
    expect(loaded.filter((url) => url.includes("/libs/http/") && !/\/(sse\/[\w-]+|weights)\.ts$/.test(url))).toEqual([]);
  });

  test("loads the runtime when one is made, and still no vendor that was not chosen", async () => {
    const loaded = await loadedBy(`
      const [{ createRuntime }, { default: hello }] = await Promise.all([import("openvibe"), import(${JSON.stringify(HELLO)})]);
      await using runtime = await createRuntime({ operators: [hello] });
    `);

    const sources = sourcesOf(loaded);
    expect(sources).toContain("@langchain/langgraph"); // so the recorder sees vendors
    for (const vendor of ["pg", "@nats-io/transport-node", "@nats-io/jetstream", "@redis/client", "@anthropic-ai/sdk"])
      expect(sources).not.toContain(vendor);
  });
});
