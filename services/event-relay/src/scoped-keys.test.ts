/** Streams of keys that are for some operators. */
import { newRunId } from "@openvibe/core";
import { type HashedKey, hashOfKey } from "@openvibe/http";
import { expect, test } from "vitest";
import { anEvent, appendMany, insertRun, registerOperators } from "./test-rig/events.ts";
import { openMemoryGround, startRelay, watch } from "./test-rig/relay.ts";

const keys: readonly HashedKey[] = [
  { name: "sales", hash: hashOfKey("ov_sales"), scopes: ["read"], operators: ["sales"] },
  { name: "two", hash: hashOfKey("ov_two"), scopes: ["read"], operators: ["sales", "support"] },
  { name: "all", hash: hashOfKey("ov_all"), scopes: ["read"] },
  { name: "runner", hash: hashOfKey("ov_run"), scopes: ["run"] },
];
const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

test("a stream carries the events of the key's operators, live and out of the log, and none that are nobody's", async () => {
  await using ground = openMemoryGround();
  await using relay = await startRelay(ground, { keys, newEpoch: () => "epoch1", limits: { maxEntries: 2 } });
  await using all = watch(relay.stream, as("ov_all"));
  await all.connected;
  const append = (operatorId: string | null) => ground.bus.log.append(anEvent({ operatorId, type: `from.${operatorId ?? "nobody"}` }));
  await append("market");
  await expect.poll(() => all.messages.length).toBe(1);
  const cursor = all.messages[0]?.id ?? "";
  const missed = ["sales", null, "support", "market", "sales", "market"];
  for (const operatorId of missed) await append(operatorId);

  const [sales, two] = ["ov_sales", "ov_two"].map((key) => watch(`${relay.stream}?last_event_id=${cursor}`, as(key)));
  await using _sales = sales;
  await using _two = two;
  await Promise.all([sales?.connected, two?.connected]);
  for (const operatorId of ["market", "support", null, "sales"]) await append(operatorId);

  await expect.poll(() => all.messages.length).toBe(11);
  await expect.poll(() => sales?.types()).toEqual(["from.sales", "from.sales", "from.sales"]);
  await expect.poll(() => two?.types()).toEqual(["from.sales", "from.support", "from.sales", "from.support", "from.sales"]);
});

test("what is filtered by run is filtered by operator as well", async () => {
  await using ground = openMemoryGround();
  await using relay = await startRelay(ground, { keys });
  await using client = watch(`${relay.stream}?run_id=run_1`, as("ov_sales"));
  await client.connected;

  await ground.bus.log.append(anEvent({ operatorId: "market", runId: "run_1" }));
  await ground.bus.log.append(anEvent({ operatorId: "sales", runId: "run_1", type: "last.one" }));

  await expect.poll(() => client.types()).toEqual(["last.one"]);
});

test("another operator, its runs' streams, and streams without the scope read are refused", async () => {
  await using ground = openMemoryGround();
  await registerOperators(ground.store, "sales");
  await using relay = await startRelay(ground, { keys });
  const run = await insertRun(ground.store, newRunId(Date.now()));
  await appendMany(ground.bus.log, 1);
  const codeOf = async (key: string, path: string) => {
    const response = await fetch(`${relay.url}${path}`, as(key));
    return response.ok ? await response.body?.cancel().then(() => "ok") : ((await response.json()) as { code: string }).code;
  };

  expect(await codeOf("ov_sales", "/v1/events/stream?operator=sales")).toBe("ok");
  expect(await codeOf("ov_sales", "/v1/events/stream?operator=market")).toBe("OV_FORBIDDEN");
  expect(await codeOf("ov_sales", `/v1/operators/sales/runs/${run.runId}/stream`)).toBe("ok");
  expect(await codeOf("ov_sales", `/v1/operators/market/runs/${run.runId}/stream`)).toBe("OV_FORBIDDEN");
  expect(await codeOf("ov_run", "/v1/events/stream")).toBe("OV_FORBIDDEN");
});
