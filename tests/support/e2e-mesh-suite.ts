/** What a mesh of two servers is good for, whichever broker carries it: what a lead becomes, and what happens when a server is missing. */
import type { SseMessage } from "@openvibe/http";
import { readSse } from "@openvibe/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client, RunBody } from "./e2e-client.ts";
import type { Server } from "./e2e-command.ts";
import { INTEL_RECORD, INTEL_REPLY, judgeLead, LEADS, STRIPE } from "./e2e-leads.ts";
import type { Rig } from "./e2e-rig.ts";

interface Serving {
  readonly server: Server;
  readonly client: Client;
}

/** What the tests of one file share. */
export interface Servers<R extends Rig> {
  rig: R;
  revenue: Serving;
  intel: Serving;
}

const GATEWAYS = ["revenue_ops", "company_intel"] as const;
const gatewayOf = ({ revenue, intel }: Servers<Rig>, operator: (typeof GATEWAYS)[number]) =>
  operator === "revenue_ops" ? revenue.client : intel.client;

export const input = (contact_id: string) => ({ contact_id, source: "form" });

/** Starts a rig and both servers for the tests of a file. */
export function startMesh<R extends Rig>(startRig: () => Promise<R>): Servers<R> {
  const mesh = {} as Servers<R>;
  beforeAll(async () => {
    mesh.rig = await startRig();
    [mesh.revenue, mesh.intel] = await Promise.all([mesh.rig.startRevenueOps(), mesh.rig.startCompanyIntel()]);
  });
  afterAll(async () => {
    await mesh.rig?.[Symbol.asyncDispose]();
  });
  return mesh;
}

export function meshSuite(mesh: Servers<Rig>): void {
  describe.each(GATEWAYS)("activated through the gateway of the server of %s", (operator) => {
    test.each(LEADS)("$contactId goes to $route with $composite", async (lead) => {
      const client = gatewayOf(mesh, operator);
      await mesh.rig.forget();

      const run = await client.run("revenue_ops", lead.trigger, input(lead.contactId));

      const known = lead.contactId === "lead_sales" ? INTEL_REPLY : {};
      await judgeLead({ lead, run, client, vendor: mesh.rig.vendor, intel: known, crmFile: mesh.rig.crmFile });
      expect(mesh.rig.vendor.asked()).toHaveLength(lead.contactId === "lead_sales" ? 3 : 1);
    });
  });

  test("a lead with a company asks company_intel over the bus, which leaves a run, a record and an event of its own", async () => {
    const { client } = mesh.revenue;
    await mesh.rig.forget();
    const ear = await mesh.rig.hearAsks();

    const lead = await client.run("revenue_ops", "new_lead", input("lead_sales"));
    await ear.stop();

    expect(ear.asked).toEqual(["research"]);
    const runId = String((lead.output.company_intel as { run_id: string }).run_id);
    const run = await client.get("company_intel", runId);
    expect(run).toMatchObject({
      trigger: "request:research",
      workflow_id: "research",
      status: "completed",
      input: { company_name: "Stripe" },
    });
    expect(run.metrics).toMatchObject({ nodes_executed: 4, nodes_failed: 0, llm_calls: 2, cost_usd: expect.any(Number) });
    expect(run.metrics.cost_usd).toBeGreaterThan(0);
    const events = await client.events("company_intel", runId);
    expect(events.map(({ type, nodeid }) => nodeid ?? type)).toEqual([
      "run.queued",
      "run.started",
      "research",
      "analyze",
      "decide",
      "report",
      "research_complete",
      "run.completed",
    ]);
    expect(events.at(-2)?.data).toEqual(STRIPE);
    expect(await client.context("context-companies", "stripe.intel")).toEqual({ ...INTEL_RECORD, run_id: runId });
  });

  test("the next lead of the same company asks nobody", async () => {
    const { client } = mesh.revenue;
    await mesh.rig.forget();
    await client.run("revenue_ops", "new_lead", input("lead_sales"));
    await mesh.rig.forget({ keepIntel: true });

    const second = await mesh.intel.client.run("revenue_ops", "new_lead", input("lead_sales"));

    expect(second.output.company_intel).toEqual(INTEL_RECORD);
    expect([mesh.rig.vendor.asked("research"), mesh.rig.vendor.asked("analyze")]).toEqual([[], []]);
    expect(mesh.rig.vendor.asked("score")).toHaveLength(1);
  });

  test("without a process of company_intel the lead ends without it, and at once", async () => {
    await mesh.rig.forget();
    mesh.intel.server.signal("SIGTERM");
    expect(await mesh.intel.server.ended).toBe(0);

    let run: RunBody;
    try {
      run = await mesh.revenue.client.run("revenue_ops", "new_lead", input("lead_sales"));
    } finally {
      mesh.intel = await mesh.rig.startCompanyIntel();
    }

    expect(run).toMatchObject({ status: "completed", output: { company_intel: {}, route: "sales", composite_score: 84.5 } });
    expect(run.metrics.duration_seconds).toBeLessThan(2);
    expect(mesh.rig.vendor.asked()).toHaveLength(1);
    expect(mesh.rig.vendor.asked("score", "Company intelligence")).toEqual([]);
  });

  test("both servers show the same run, and both stream it from its first event to its last", async () => {
    await mesh.rig.forget();
    const { run_id } = await mesh.intel.client.activate("revenue_ops", "new_lead", input("lead_sales"));

    const streams = await Promise.all([mesh.revenue, mesh.intel].map(({ client }) => client.stream("revenue_ops", run_id)));

    const [one, other] = await Promise.all([mesh.revenue, mesh.intel].map(({ client }) => client.get("revenue_ops", run_id)));
    expect(one).toMatchObject({ run_id, status: "completed" });
    expect(other).toEqual(one);
    const stored = (await mesh.revenue.client.events("revenue_ops", run_id)).map((event) => JSON.stringify(event));
    for (const messages of streams) expect(storedOf(messages)).toEqual(stored);
  });

  test("an operator's event reaches who listens at the other server", async () => {
    await mesh.rig.forget();
    const stop = AbortSignal.timeout(15_000);
    const connected = Promise.withResolvers<void>();
    const heard = (async () => {
      const url = `${mesh.intel.client.url}/v1/events/stream?types=lead_qualified`;
      for await (const message of readSse(url, { signal: stop, onConnect: () => connected.resolve() }))
        if (message.event === "lead_qualified") return JSON.parse(message.data) as { runid: string; data: object };
      return undefined;
    })();
    await connected.promise;

    const { run_id } = await mesh.revenue.client.run("revenue_ops", "new_lead", input("lead_sales"));

    expect(await heard).toMatchObject({ runid: run_id, data: { contact_id: "lead_sales", lead_score: 84 } });
  });
}

/** The stored events of a stream, as their data stood in it. */
function storedOf(messages: readonly SseMessage[]): string[] {
  return messages.filter(({ id, event }) => id !== undefined && !event.startsWith("stream.")).map(({ data }) => data);
}
