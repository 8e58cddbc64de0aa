import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuth } from "@openvibe/http";
import { describe, expect, test, vi } from "vitest";
import { openGateway } from "../gateway.fixture.ts";
import { AcceptedRunBody } from "../schemas/runs.ts";

describe("an activation", () => {
  test("is answered with 202, the run and its address", async () => {
    await using gateway = await openGateway();
    await gateway.serve("worker-1");

    const response = await gateway.activate({ trigger: "query", input: { company_name: "Stripe", unknown: 1 }, tags: { team: "sales" } });

    const body = AcceptedRunBody.parse(response.json());
    expect(response.statusCode).toBe(202);
    expect(body).toMatchObject({
      status: "queued",
      workflow_id: "research",
      input: { company_name: "Stripe" },
      ignored_input: ["unknown"],
      tags: { team: "sales" },
      warnings: [],
    });
    expect(response.headers.location).toBe(`/v1/operators/company_intel/runs/${body.run_id}`);
    const read = await gateway.ask("GET", String(response.headers.location));
    expect(read.json()).toMatchObject({ run_id: body.run_id, status: "queued" });
  });

  test("for an operator that nobody serves is accepted with a warning", async () => {
    await using gateway = await openGateway();

    const response = await gateway.activate();

    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ warnings: ["no_worker"] });
  });

  test("gives back every text as it came", async () => {
    await using gateway = await openGateway();
    const company_name = 'a\u0000b\ud800c\u2028d\u{1f600}e"\\';

    const response = await gateway.activate({ trigger: "query", input: { company_name } });

    const read = await gateway.ask("GET", String(response.headers.location));
    expect(read.json()).toMatchObject({ input: { company_name } });
  });
});

describe("a deadline", () => {
  test("is shown with the run, in UTC", async () => {
    await using gateway = await openGateway();
    const at = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000);
    const local = `${new Date(at.getTime() + 2 * 3_600_000).toISOString().slice(0, 19)}+02:00`;

    const response = await gateway.activate({ trigger: "query", deadline: local, priority: "normal" });

    expect(response.statusCode).toBe(202);
    expect(AcceptedRunBody.parse(response.json()).deadline).toBe(at.toISOString());
    const read = await gateway.ask("GET", String(response.headers.location));
    expect(read.json()).toMatchObject({ deadline: at.toISOString() });
  });

  test("belongs to what an Idempotency-Key was used for", async () => {
    await using gateway = await openGateway();
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const first = { trigger: "query", deadline: at(3_600_000) };

    const answers = [];
    for (const body of [first, first, { trigger: "query" }, { ...first, deadline: at(7_200_000) }])
      answers.push(await gateway.activate(body, { "idempotency-key": "k1" }));

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 422, 422]);
    expect(answers[3]?.json()).toMatchObject({ code: "OV_IDEMPOTENCY_MISMATCH" });
    expect(await gateway.allRuns()).toHaveLength(1);
  });
});

describe("an Idempotency-Key", () => {
  test("gives the same run again, marked as a replay", async () => {
    await using gateway = await openGateway();

    const first = await gateway.activate({ trigger: "query" }, { "idempotency-key": "k1" });
    const again = await gateway.activate({ trigger: "query" }, { "idempotency-key": '"k1"' });

    expect(first.headers["idempotency-replayed"]).toBeUndefined();
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect([again.statusCode, again.headers.location]).toEqual([202, first.headers.location]);
    expect(await gateway.allRuns()).toHaveLength(1);
  });

  test("with another request is refused, in whatever spelling", async () => {
    await using gateway = await openGateway();
    await gateway.activate({ trigger: "query" }, { "idempotency-key": "k1" });

    for (const key of ["k1", '"k1"', ' "k1" '])
      for (const body of [{ trigger: "nightly" }, { trigger: "query", input: { note: 1 } }, { trigger: "query", tags: { a: "b" } }])
        expect((await gateway.activate(body, { "idempotency-key": key })).json()).toMatchObject({
          status: 422,
          code: "OV_IDEMPOTENCY_MISMATCH",
        });

    expect(await gateway.allRuns()).toHaveLength(1);
  });

  test("has 1 to 255 characters, quotes not counted", async () => {
    await using gateway = await openGateway();
    const longest = "k".repeat(255);

    const answers = [];
    for (const key of [longest, `"${longest}"`, `${longest}k`, `"${longest}k"`, '""'])
      answers.push(await gateway.activate({ trigger: "query" }, { "idempotency-key": key }));

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 400, 400, 400]);
    expect(answers[1]?.headers["idempotency-replayed"]).toBe("true");
    expect(answers[4]?.json()).toMatchObject({ code: "OV_IDEMPOTENCY_KEY_INVALID" });
  });

  test("of twenty requests at once makes one run, and marks the others", async () => {
    await using gateway = await openGateway();

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.activate({ trigger: "query" }, { "idempotency-key": "k1" })),
    );

    expect(new Set(answers.map((answer) => answer.json<{ run_id: string }>().run_id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotency-replayed"] === "true")).toHaveLength(19);
  });

  test("belongs to the API key it came with", async () => {
    await using gateway = await openGateway({ auth: createAuth({ keys: ["ov_a", "ov_b"] }) });

    for (const authorization of ["Bearer ov_a", "Bearer ov_b"])
      expect((await gateway.activate({ trigger: "query" }, { authorization, "idempotency-key": "k1" })).statusCode).toBe(202);

    expect(await gateway.allRuns()).toHaveLength(2);
  });
});

describe("Prefer: wait", () => {
  test("answers with 200 and the final run as soon as it ends", async () => {
    await using gateway = await openGateway();

    const asked = gateway.activate({ trigger: "query" }, { prefer: "wait=15, respond-async" });
    const { runId } = await vi.waitUntil(async () => (await gateway.allRuns())[0]);
    await gateway.finish(runId, { report: "good" });
    const endedAt = performance.now();
    const response = await asked;

    expect(performance.now() - endedAt).toBeLessThan(500);
    expect(response.statusCode).toBe(200);
    expect(AcceptedRunBody.parse(response.json())).toMatchObject({ status: "completed", output: { report: "good" } });
    expect(response.headers["preference-applied"]).toBe("wait=15");
  });

  test("answers with 202 when the time is over", async () => {
    await using gateway = await openGateway();

    const response = await gateway.activate({ trigger: "query" }, { prefer: "respond-async, wait=1" });

    expect([response.statusCode, response.json<{ status: string }>().status]).toEqual([202, "queued"]);
    expect(response.headers["preference-applied"]).toBe("wait=1, respond-async");
  });

  test("on a replay of a run that ended answers with it", async () => {
    await using gateway = await openGateway();
    const first = await gateway.activate({ trigger: "query" }, { "idempotency-key": "k1" });
    await gateway.finish(first.json<{ run_id: string }>().run_id);

    const again = await gateway.activate({ trigger: "query" }, { "idempotency-key": "k1", prefer: "wait=15" });

    expect([again.statusCode, again.json<{ status: string }>().status]).toEqual([200, "completed"]);
    expect(again.headers["idempotency-replayed"]).toBe("true");
  });

  test("does not hold up a closing gateway: the caller gets the run as it is", async () => {
    await using gateway = await openGateway();

    const asked = gateway.activate({ trigger: "query" }, { prefer: "wait=300" });
    await vi.waitUntil(async () => (await gateway.allRuns()).length === 1);
    const closedAt = performance.now();
    await gateway.app.close();

    expect((await asked).statusCode).toBe(202);
    expect(performance.now() - closedAt).toBeLessThan(1_000);
  });

  test("ends when the caller goes away", async () => {
    await using gateway = await openGateway();
    const { port } = await gateway.listen();
    const reads = vi.spyOn(gateway.store.runs, "find");

    const socket = connect(port, "127.0.0.1");
    const body = '{"trigger":"query"}';
    socket.write(
      `POST /v1/operators/company_intel/activate HTTP/1.1\r\nHost: x\r\nPrefer: wait=300\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await vi.waitUntil(async () => (await gateway.allRuns()).length === 1);
    socket.destroy();
    await vi.waitUntil(() => reads.mock.calls.length > 0); // the last look when a wait is given up
    const seen = reads.mock.calls.length;
    await sleep(1_200); // proves that nobody reads every second any more

    expect(reads.mock.calls.length).toBe(seen);
  });
});
