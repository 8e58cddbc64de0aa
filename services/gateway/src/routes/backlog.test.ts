import { describe, expect, test } from "vitest";
import { openGateway } from "../gateway.fixture.ts";

describe("an activation beyond the operator's backlog", () => {
  test("is refused with 429 and Retry-After, and nothing is stored", async () => {
    await using gateway = await openGateway({ maxBacklog: 2 });
    await gateway.start();
    await gateway.start();

    const refused = await gateway.activate();

    expect(refused.statusCode).toBe(429);
    expect(refused.headers).toMatchObject({ "content-type": "application/problem+json", "retry-after": "5" });
    expect(refused.json()).toMatchObject({ code: "OV_BACKLOG_FULL", max_backlog: 2 });
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test("with the key of a run that was accepted before is answered with that run", async () => {
    await using gateway = await openGateway({ maxBacklog: 1 });
    const key = { "idempotency-key": "abc" };
    const first = await gateway.activate(undefined, key);

    const again = await gateway.activate(undefined, key);
    const other = await gateway.activate(undefined, { "idempotency-key": "def" });

    expect(again.statusCode).toBe(202);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(again.json()).toMatchObject({ run_id: first.json<{ run_id: string }>().run_id });
    expect(other.statusCode).toBe(429);
  });

  test("is accepted again once a worker has taken a run", async () => {
    await using gateway = await openGateway({ maxBacklog: 1 });
    const runId = await gateway.start();
    expect((await gateway.activate()).statusCode).toBe(429);

    await gateway.claim(runId);

    await expect.poll(async () => (await gateway.activate()).statusCode).toBe(202);
  });

  test("with wrong input is told what is wrong with it", async () => {
    await using gateway = await openGateway({ maxBacklog: 1 });
    await gateway.start();

    expect((await gateway.activate({ trigger: "query", input: { company_name: 7 } })).json()).toMatchObject({ code: "OV_INPUT_INVALID" });
  });
});
