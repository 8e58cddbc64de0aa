/** A long question, and shared context that starts a run, over HTTP and real servers: on both stores and both buses. */
import { parseConfig } from "@openvibe/composition";
import { type JsonObject, newToken, silentLogger } from "@openvibe/core";
import { operator, workflow } from "openvibe";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { compose } from "./compose.ts";

const Company = z.object({ name: z.string().default(""), size: z.number().default(0), approved: z.boolean().default(false) });
const Lead = z.object({ company: z.string().default(""), size: z.number().default(0) });
const Change = z.object({ key: z.string().default(""), value: z.json().default(null), old_value: z.json().default(null) });

describe.each([
  ["SQLite and the memory bus", () => ({ OPENVIBE_STORE: "memory" })],
  [
    "Postgres and NATS",
    () => ({ NATS_URL: inject("natsUrl"), DATABASE_URL: inject("postgresUrl"), OPENVIBE_NAMESPACE: `test_${newToken()}` }),
  ],
])("on %s", (_, env) => {
  test("a run waits for an answer that a person delays, and what it shares starts another run", async () => {
    const token = newToken();
    const [intelId, salesId, bucket] = [`intel-${token}`, `sales-${token}`, `context-${token}`];
    const research = workflow("research", { state: Company })
      .human("approve", { prompt: "Go on?", answer: ["approved"] })
      .node("report", (s) => ({ size: s.name.length }));
    const answer = { workflow: "research", input: (body: unknown) => ({ name: String(body) }) } as const;
    const intel = operator(intelId, {
      name: "Intel",
      workflows: [research],
      answers: { research: { ...answer, reply: (run) => run.output.size ?? null } },
    });
    const qualify = workflow("qualify", { state: Lead }).node("ask", async (s, ctx) => {
      const size = await ctx.ask<number>(`${intelId}.research`, s.company, { timeout: "5d" });
      await ctx.context(bucket).put(`${s.company}.size`, size);
      return { size };
    });
    const follow = workflow("follow", { state: Change, triggers: { size: `context:${bucket}.*.size` } }).node("note", () => ({}));
    const sales = operator(salesId, { name: "Sales", workflows: [qualify, follow] });
    const config = parseConfig({ ...env(), OPENVIBE_PORT: "0" });
    await using composed = await compose({ config, definitions: [intel, sales], logger: silentLogger });
    const call = async (method: string, path: string, body?: JsonObject) => {
      const content = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      return (await (await fetch(`${composed.url}/v1/operators/${path}`, { method, ...content })).json()) as {
        data: JsonObject[];
      } & JsonObject;
    };
    const only = async (path: string) => {
      await expect.poll(async () => (await call("GET", path)).data.length, { timeout: 15_000 }).toBe(1);
      return (await call("GET", path)).data[0];
    };

    const started = await call("POST", `${salesId}/activate`, { trigger: "qualify", input: { company: "acme" } });
    const asked = await only(`${intelId}/runs?status=waiting`);
    const waiting = await only(`${salesId}/runs?status=waiting`);
    await call("POST", `${intelId}/runs/${String(asked?.run_id)}/resume`, { answer: { approved: true } });
    const followed = await only(`${salesId}/runs?workflow=follow&status=completed`);

    expect(asked).toMatchObject({ parent_run_id: started.run_id, trigger: "request:research" });
    expect(waiting).toMatchObject({ run_id: started.run_id, interrupt: { kind: "child", node_id: "ask" } });
    expect(followed).toMatchObject({ trigger: "size", input: { key: "acme.size", value: 4, old_value: null } });
    await expect
      .poll(() => call("GET", `${salesId}/runs/${String(started.run_id)}`), { timeout: 15_000 })
      .toMatchObject({ status: "completed", output: { size: 4 } });
    expect(await call("GET", intelId)).toMatchObject({ instances: [{ capabilities: ["research"] }] });
  });
});
