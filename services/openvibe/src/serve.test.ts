import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createScripted } from "@openvibe/llm/scripted";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { serve } from "./index.ts";
import { small } from "./small-operator.fixture.ts";
import { openFolder, SMALL, startNode } from "./spawn-node.fixture.ts";

beforeEach(() => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY", "OPENVIBE_PORT"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const quiet = { port: 0, store: ":memory:", foreground: false } as const;

async function activate(url: string, operatorId: string, trigger: string, input: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/v1/operators/${operatorId}/activate`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=10" },
    body: JSON.stringify({ trigger, input }),
  });
  return (await response.json()) as Record<string, unknown>;
}

describe("serve()", () => {
  test("answers over HTTP, with the model it was given", async () => {
    const llm = createScripted(() => "Good morning!");
    await using served = await serve([small], { ...quiet, llm });

    expect(await activate(served.url, "small", "greet")).toMatchObject({ status: "completed", output: { greeting: "Good morning!" } });
    expect(await activate(served.url, "small", "add", { n: 1 })).toMatchObject({ status: "completed", output: { n: 2 } });
    expect(llm.requests).toHaveLength(1);
  });

  test("answers offline where no model's key is set", async () => {
    await using served = await serve(small, quiet);

    expect(await activate(served.url, "small", "greet")).toMatchObject({
      status: "completed",
      output: { greeting: expect.stringMatching(/./) as string },
    });
  });

  test("closes its door when it is disposed of, also twice", async () => {
    const served = await serve(small, quiet);

    await served[Symbol.asyncDispose]();
    await served[Symbol.asyncDispose]();

    await expect(fetch(served.url)).rejects.toThrow();
  });

  test("refuses a port that is none, and one that is taken, and leaves nothing open", async () => {
    await using folder = await openFolder();
    const store = join(folder.path, "runs.db");
    await using first = await serve(small, quiet);
    const taken = Number(new URL(first.url).port);

    await expect(serve(small, { ...quiet, port: 99_999 })).rejects.toMatchObject({ code: "OV_CONFIG_INVALID" });
    await expect(serve(small, { ...quiet, store, port: taken })).rejects.toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: `address 127.0.0.1:${taken} is taken by another process; choose another with the option port of serve (0 takes any free one)`,
    });

    await using again = await serve(small, { ...quiet, store }); // OV_STORE_IN_USE, had the failed one kept it
    expect((await fetch(`${again.url}/livez`)).status).toBe(200);
  });

  test("does not open itself to other machines without keys", async () => {
    await expect(serve(small, { ...quiet, host: "0.0.0.0" })).rejects.toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: expect.stringContaining("OPENVIBE_API_KEYS") as string,
    });
  });

  test("keeps its runs in the file it is given", async () => {
    await using folder = await openFolder();
    const store = join(folder.path, "runs.db");
    const runId = await (async () => {
      await using served = await serve(small, { ...quiet, store });
      return (await activate(served.url, "small", "add")).run_id;
    })();

    await using served = await serve(small, { ...quiet, store });

    const response = await fetch(`${served.url}/v1/operators/small/runs/${String(runId)}`);
    expect(await response.json()).toMatchObject({ status: "completed", output: { n: 1 } });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("as the last line of a program says where it is, and drains on %s", async (signal) => {
    await using folder = await openFolder();
    const program = join(folder.path, "main.ts");
    const index = new URL("./index.ts", import.meta.url).href;
    await writeFile(
      program,
      `import { serve } from "${index}"; import { small } from "${SMALL}"; await serve(small, { port: 0, store: ":memory:" });`,
    );
    await using running = startNode([program], { cwd: folder.path });

    const [, url = ""] = await running.until(/OpenVibe serves small at (http:\S+)/);
    expect(await activate(url, "small", "add")).toMatchObject({ status: "completed" });
    running.signal(signal);

    expect(await running.ended).toMatchObject({ code: 0, err: "" });
  });
});
