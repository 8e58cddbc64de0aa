/** Operators that work together by events, over a real broker and database, with the relay and the worker killed in the middle. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, createClient, type RunBody } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { type Mesh, startMesh } from "../support/mesh.ts";
import type { ServiceProcess } from "../support/process.ts";

const DEALS = 20;

let mesh: Mesh;
let client: Client;
let relay: ServiceProcess;

beforeAll(async () => {
  mesh = await startMesh({ env: { OPENVIBE_OPERATOR_FILES: "tests/support/events-operators.ts" } });
  const [gateway] = await Promise.all([mesh.start("gateway"), mesh.start("worker"), mesh.start("scheduler")]);
  client = createClient(/"url":"([^"]+)"/.exec(gateway.output())?.[1] ?? "");
  relay = await mesh.start("event-relay");
});

afterAll(() => mesh?.[Symbol.asyncDispose]());

const ordersThatAre = async (...statuses: readonly string[]) => {
  const query = statuses.map((status) => `status=${status}`).join("&");
  const { body } = await client.call<{ data: readonly RunBody[] }>("GET", `/v1/operators/desk/runs?limit=200&${query}`);
  return body.data;
};
const pay = async (deal: string, amount: number) => {
  const event = { id: `invoice of ${deal}`, source: "/billing", type: "invoice.paid", data: { deal, amount } };
  const { status, body } = await client.call<{ events: readonly { replayed: boolean }[] }>("POST", "/v1/events", event);
  expect(status).toBe(202);
  return body.events[0]?.replayed;
};

test("what one operator publishes starts the other exactly once, and events from outside end its waits, over kill -9 of relay and worker", async () => {
  const deals = Array.from({ length: DEALS }, (_, n) => `deal_${n}`);
  const replaced: Promise<ServiceProcess>[] = [];
  for (const [n, deal_id] of deals.entries()) {
    await client.activate("sales", "win", { deal_id });
    if (n !== 7) continue;
    await relay.kill();
    replaced.push(mesh.start("event-relay"));
  }
  await Promise.all(replaced);
  const [worker] = mesh.living("worker");
  await worker?.kill();
  await mesh.start("worker");

  await until("every deal has an order that waits", async () => (await ordersThatAre("waiting")).length === DEALS, 40_000);
  const [second] = await Promise.all(replaced);
  const paid = await Promise.all(
    deals.map(async (deal, n) => {
      if (n === 10) await second?.kill();
      return [await pay(deal, n), await pay(deal, n)];
    }),
  );
  await mesh.start("event-relay");
  await until("every order is paid", async () => (await ordersThatAre("completed")).length === DEALS, 40_000);

  const all = await ordersThatAre("queued", "running", "waiting", "completed", "failed");
  expect(all.map(({ input }) => input.deal_id).toSorted()).toEqual(deals.toSorted());
  expect(paid.map(([first]) => first)).toEqual(deals.map(() => false));
  expect(paid.map(([, again]) => again)).toEqual(deals.map(() => true));
  for (const { output, input, trigger } of all) {
    expect(trigger).toBe("won");
    expect(output).toEqual({ ...input, heard: "deal.won of ann", paid: deals.indexOf(String(input.deal_id)) });
  }
});
