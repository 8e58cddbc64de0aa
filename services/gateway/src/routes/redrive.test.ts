import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { pageOf } from "../schemas/json.ts";
import { AcceptedRunBody, RunBody } from "../schemas/runs.ts";

const Page = pageOf(RunBody);
const urlOf = (runId: string) => `/v1/operators/company_intel/runs/${runId}/redrive`;

async function aRunThat(gateway: GatewayUnderTest, status: "failed" | "completed" | "dead_lettered"): Promise<string> {
  const runId = await gateway.start({ company_name: "Stripe" });
  await gateway.finish(runId, {}, status);
  return runId;
}

describe("dead letters", () => {
  test("are the runs that were given up, in pages, by operator and time", async () => {
    await using gateway = await openGateway();
    const dead: string[] = [];
    for (let n = 0; n < 3; n++) dead.unshift(await aRunThat(gateway, "dead_lettered"));
    await aRunThat(gateway, "failed");
    await gateway.start();
    const read = async (query: string) => {
      const page = Page.parse((await gateway.ask("GET", `/v1/dead-letters?${query}`)).json());
      return { ids: page.data.map(({ run_id }) => run_id), cursor: page.next_cursor };
    };

    const first = await read("limit=2");
    const rest = await read(`limit=2&cursor=${first.cursor}`);

    expect([first.ids.length, rest.ids.length, rest.cursor]).toEqual([2, 1, null]);
    expect(new Set([...first.ids, ...rest.ids])).toEqual(new Set(dead));
    expect((await read("operator=company_intel&created_after=2020-01-01T00:00:00Z")).ids).toHaveLength(3);
    expect((await read("operator=hello")).ids).toEqual([]);
    expect((await read("created_before=2020-01-01T00:00:00Z")).ids).toEqual([]);
  });
});

describe("redriving", () => {
  test.each(["failed", "dead_lettered"] as const)("a %s run makes a new one, at either address", async (status) => {
    await using gateway = await openGateway();
    const old = await aRunThat(gateway, status);

    for (const url of [urlOf(old), `/v1/runs/${old}/redrive`]) {
      const response = await gateway.ask("POST", url);

      const body = AcceptedRunBody.parse(response.json());
      expect(response.statusCode).toBe(202);
      expect(body).toMatchObject({ status: "queued", rerun_of: old, input: { company_name: "Stripe" }, trigger: "query" });
      expect(response.headers.location).toBe(`/v1/operators/company_intel/runs/${body.run_id}`);
      expect((await gateway.ask("GET", String(response.headers.location))).json()).toMatchObject({ run_id: body.run_id, rerun_of: old });
    }
    expect((await gateway.ask("GET", `/v1/runs/${old}`)).json()).toMatchObject({ status });
    expect(await gateway.allRuns()).toHaveLength(3);
  });

  test("at once with one key, at both addresses, makes one run", async () => {
    await using gateway = await openGateway();
    const old = await aRunThat(gateway, "failed");

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        gateway.ask("POST", n % 2 ? urlOf(old) : `/v1/runs/${old}/redrive`, { headers: { "idempotency-key": n % 3 ? "k" : '"k"' } }),
      ),
    );

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotency-replayed"] === "true")).toHaveLength(19);
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test("a run that completed, or has not ended, is refused", async () => {
    await using gateway = await openGateway();
    const completed = await aRunThat(gateway, "completed");
    const queued = await gateway.start();

    for (const [runId, status] of [
      [completed, "completed"],
      [queued, "queued"],
    ] as const) {
      const response = await gateway.ask("POST", urlOf(runId));
      expect([response.statusCode, response.json()]).toEqual([
        409,
        expect.objectContaining({ code: "OV_RUN_NOT_REDRIVABLE", run_status: status, detail: expect.stringContaining("dead_lettered") }),
      ]);
    }
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test("takes no body but an empty one", async () => {
    await using gateway = await openGateway();
    const old = await aRunThat(gateway, "failed");
    const send = (payload: string) => gateway.ask("POST", urlOf(old), { headers: { "content-type": "application/json" }, payload });

    expect((await send('{"input":{"company_name":"x"}}')).json()).toMatchObject({ status: 400, code: "OV_REQUEST_INVALID" });
    expect(await gateway.allRuns()).toHaveLength(1);
    expect((await send("{}")).statusCode).toBe(202);
  });

  test("another operator's run is not found", async () => {
    await using gateway = await openGateway();
    const old = await aRunThat(gateway, "failed");

    expect((await gateway.ask("POST", `/v1/operators/hello/runs/${old}/redrive`)).json()).toMatchObject({ code: "OV_RUN_NOT_FOUND" });
  });
});
