/** What is as large as it may be, and larger, from HTTP to the event log and back: on both stores and both buses. */
import { parseConfig } from "@openvibe/composition";
import { type JsonObject, newToken, silentLogger } from "@openvibe/core";
import { readSse } from "@openvibe/http";
import { operator, workflow } from "openvibe";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { compose } from "./compose.ts";

const MOST_BYTES = 512 * 1024;
const LARGE = { text: "Zoë € ".repeat(20_000) };
const State = z.object({ note: z.string().default("") });
/** As many bytes of JSON as `{"note":"…"}` has with it. */
const noteOf = (bytes: number) => "x".repeat(bytes - '{"note":""}'.length);

const fill = workflow("fill", { state: State, trigger: "on_demand" }).node("fill", () => ({ note: noteOf(MOST_BYTES) }));
const overfill = workflow("overfill", { state: State, trigger: "on_demand" }).node("fill", () => ({ note: noteOf(MOST_BYTES + 1) }));
const publish = workflow("publish", { state: State, trigger: "on_demand" }).node("tell", (_state, ctx) => {
  ctx.publish("lead.first", { n: 1 });
  ctx.publish("lead.read", LARGE);
  ctx.publish("lead.last", { n: 3 });
});
const complain = workflow("complain", { state: State, trigger: "on_demand" }).node("complain", () => {
  throw new Error("x".repeat(2_000_000));
});

const openStack = async (env: () => Record<string, string>) => {
  const id = `large-${newToken()}`;
  const config = parseConfig({ ...env(), OPENVIBE_PORT: "0" });
  const definitions = [operator(id, { name: "Large", workflows: [fill, overfill, publish, complain] })];
  const composed = await compose({ config, definitions, logger: silentLogger });
  const get = async (path: string) => await fetch(`${composed.url}${path}`);
  return {
    get,
    /** Starts a run and waits for its end; gives what its stream tells until then. */
    async run(trigger: string, input: JsonObject = {}) {
      const answer = await fetch(`${composed.url}/v1/operators/${id}/activate`, {
        method: "POST",
        headers: { "content-type": "application/json", prefer: "wait=30" },
        body: JSON.stringify({ trigger, input }),
      });
      const run = (await answer.json()) as JsonObject & { readonly run_id: string };
      const path = `/v1/operators/${id}/runs/${run.run_id}`;
      const streamed: JsonObject[] = [];
      // The stream ends with the event that ends the run: by then it is in the log with all before it.
      for await (const { event, data } of readSse(`${composed.url}${path}/stream`, {})) {
        if (event.startsWith("stream.")) throw new Error(`${event}: ${data}`);
        const parsed = JSON.parse(data) as JsonObject;
        if (parsed.sequence !== undefined) streamed.push(parsed);
        if (/^run\.(completed|failed)$/.test(event)) break;
      }
      const { data: listed } = (await (await get(`${path}/events`)).json()) as { readonly data: readonly JsonObject[] };
      return { run, path, streamed, listed };
    },
    [Symbol.asyncDispose]: () => composed[Symbol.asyncDispose](),
  };
};

describe.each([
  ["SQLite and the memory bus", () => ({ OPENVIBE_STORE: "memory" })],
  [
    "Postgres and NATS",
    () => ({ NATS_URL: inject("natsUrl"), DATABASE_URL: inject("postgresUrl"), OPENVIBE_NAMESPACE: `test_${newToken()}` }),
  ],
])("on %s", (_name, env) => {
  test("a state of exactly 512 KB ends its run, and its last event says where to read the output", async () => {
    await using stack = await openStack(env);

    const { run, listed, streamed, path } = await stack.run("fill");

    const last = listed.at(-1);
    expect(run.status).toBe("completed");
    expect(JSON.stringify(run.output)).toHaveLength(MOST_BYTES);
    expect(last).toMatchObject({ type: "run.completed", dataref: `${path}/events/${listed.length - 1}/data` });
    expect(last).not.toHaveProperty("data");
    expect(streamed).toEqual(listed);
    const data = (await (await stack.get(String(last?.dataref))).json()) as JsonObject;
    expect(data).toMatchObject({ status: "completed", output: run.output });
  });

  test("one byte more fails the node with its code, and the run ends", async () => {
    await using stack = await openStack(env);

    const { run, listed } = await stack.run("overfill");

    expect(run).toMatchObject({ status: "failed", error: { code: "OV_STATE_TOO_LARGE", node_id: "fill" } });
    expect(listed.at(-1)).toMatchObject({ type: "run.failed", data: { error: { code: "OV_STATE_TOO_LARGE" } } });
  });

  test("an input that fits the body and not the state fails the run with its code", async () => {
    await using stack = await openStack(env);

    const { run } = await stack.run("publish", { note: noteOf(MOST_BYTES + 1) });

    expect(run).toMatchObject({ status: "failed", error: { code: "OV_STATE_TOO_LARGE" } });
  });

  test("a published event of more than 64 KB keeps its place between its neighbours, and its data", async () => {
    await using stack = await openStack(env);

    const { listed, streamed } = await stack.run("publish");

    const published = listed.filter(({ type }) => String(type).startsWith("lead."));
    expect(published.map(({ type, data }) => [type, data])).toEqual([
      ["lead.first", { n: 1 }],
      ["lead.read", undefined],
      ["lead.last", { n: 3 }],
    ]);
    expect(streamed).toEqual(listed);
    expect(await (await stack.get(String(published[1]?.dataref))).json()).toEqual(LARGE);
  });

  test("an error of 2 MB does not hold back the event that ends the run", async () => {
    await using stack = await openStack(env);

    const { run, listed } = await stack.run("complain");

    const last = listed.at(-1);
    expect(run.status).toBe("failed");
    expect(last).toMatchObject({ type: "run.failed", data: { error: { code: "OV_NODE_FAILED" } } });
    expect(JSON.stringify(last).length).toBeLessThan(11_000); // cut: a text for people needs no reference
  });
});
