/** What tools of NATS see of an operator: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md */
import { connect } from "@nats-io/transport-node";
import { newToken } from "@openvibe/core";
import { expect, inject, test } from "vitest";
import { openNatsBus } from "./bus.ts";

const openBus = () => openNatsBus({ servers: inject("natsUrl"), name: "services", apply: { replicas: 1 } });
const never = new AbortController().signal;

test("an operator answers the services protocol of NATS, its capabilities as endpoints, until it is gone", async () => {
  await using bus = await openBus();
  const nc = await connect({ servers: inject("natsUrl") });
  const operatorId = `op-${newToken()}`;
  const ask = async (subject: string) => JSON.parse((await nc.request(subject, "", { timeout: 2_000 })).string());
  await using _answering = await bus.requests.answer(operatorId, "research", async ({ body }) => {
    if (body === "bad") throw new Error("nothing found");
    return body;
  });
  const served = { operatorId, instance: "worker-1.a", version: "abc123", description: "Knows companies", capabilities: ["research"] };
  const announced = await bus.requests.announce(served);
  const base = { name: operatorId, id: "worker-1_a", version: "0.0.0+abc123", metadata: { operator_version: "abc123" } };
  const endpoint = {
    name: "research",
    subject: `operators.${operatorId}.request.research`,
    queue_group: expect.stringContaining(operatorId),
  };

  for (const text of ["good", "bad"])
    await bus.requests
      .ask(operatorId, "research", { body: text, askId: text, deadlineAt: Date.now() + 5_000 }, never)
      .catch(() => undefined);

  expect(await ask(`$SRV.PING.${operatorId}`)).toEqual({ type: "io.nats.micro.v1.ping_response", ...base });
  expect(await ask(`$SRV.INFO.${operatorId}.worker-1_a`)).toEqual({
    type: "io.nats.micro.v1.info_response",
    ...base,
    description: "Knows companies",
    endpoints: [{ ...endpoint, metadata: {} }],
  });
  expect(await ask(`$SRV.STATS.${operatorId}`)).toEqual({
    type: "io.nats.micro.v1.stats_response",
    ...base,
    started: expect.stringMatching(/^\d{4}-.*Z$/),
    endpoints: [
      {
        ...endpoint,
        num_requests: 2,
        num_errors: 1,
        last_error: "nothing found",
        processing_time: expect.any(Number),
        average_processing_time: expect.any(Number),
      },
    ],
  });
  // As `nats micro ls` does: everybody is asked.
  const names: string[] = [];
  for await (const message of await nc.requestMany("$SRV.PING", "", { maxWait: 300 })) names.push(JSON.parse(message.string()).name);
  expect(names).toContain(operatorId);

  await announced[Symbol.asyncDispose]();
  await expect(ask(`$SRV.PING.${operatorId}`)).rejects.toThrow();
  await nc.close();
});
