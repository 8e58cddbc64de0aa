import { expect, test } from "vitest";
import { openGateway } from "../gateway.fixture.ts";
import { pageOf } from "../schemas/json.ts";
import { OperatorBody, OperatorSummary } from "../schemas/operators.ts";

test("operators are listed with who serves them", async () => {
  await using gateway = await openGateway();
  await gateway.serve("worker-2");
  await gateway.serve("worker-1");

  const page = pageOf(OperatorSummary).parse((await gateway.ask("GET", "/v1/operators")).json());

  expect(page).toMatchObject({
    data: [
      {
        id: "company_intel",
        name: "Company Intelligence",
        workers: ["worker-1", "worker-2"],
        workflows: [
          { id: "research", triggers: [{ id: "query", on: "on_demand" }] },
          { id: "refresh", triggers: [{ id: "nightly", on: "cron:0 3 * * *" }] },
        ],
      },
    ],
    has_more: false,
    next_cursor: null,
  });
});

test("one operator is told with each instance that serves it: its version, what it answers, since when", async () => {
  await using gateway = await openGateway();
  const said = { version: "v7", capabilities: ["research"], since: "2026-11-22T10:00:00.000Z", last_heartbeat: "2026-11-22T10:30:00.000Z" };
  await gateway.serve("worker-1", { server: "worker-1", ...said });
  await gateway.serve("worker-0"); // of an older OpenVibe, which says less

  const body = OperatorBody.parse((await gateway.ask("GET", "/v1/operators/company_intel")).json());

  expect(body.workers).toEqual(["worker-0", "worker-1"]);
  expect(body.instances).toEqual([
    { id: "worker-0", version: "", capabilities: [], since: "", last_heartbeat: "" },
    { id: "worker-1", ...said },
  ]);
});

test("one operator is told with its workflows, triggers and steps", async () => {
  await using gateway = await openGateway();

  const body = OperatorBody.parse((await gateway.ask("GET", "/v1/operators/company_intel")).json());

  expect(body).toMatchObject({
    id: "company_intel",
    workers: [],
    workflows: [{ id: "research", steps: [{ id: "write", kind: "llm" }] }, { id: "refresh" }],
  });
});

test("when the registry cannot be read, who serves is not known", async () => {
  await using gateway = await openGateway();
  await gateway.bus[Symbol.asyncDispose]();

  expect((await gateway.ask("GET", "/v1/operators/company_intel")).json()).toMatchObject({ workers: null, instances: null });
});

test("an unknown operator is 404 with the nearest names", async () => {
  await using gateway = await openGateway();

  const response = await gateway.ask("GET", "/v1/operators/company_inte");

  expect(response.json()).toMatchObject({ status: 404, code: "OV_OPERATOR_NOT_FOUND", did_you_mean: ["company_intel"] });
});
