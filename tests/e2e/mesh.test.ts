/** The main job over two servers: what a lead becomes, whichever gateway it came in by, and what happens when parts are missing or die. */
import { headers } from "@nats-io/transport-node";
import type { SseMessage } from "@openvibe/http";
import { readSse } from "@openvibe/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client, RunBody } from "../support/e2e-client.ts";
import { runCommand, type Server } from "../support/e2e-command.ts";
import { INTEL_RECORD, INTEL_REPLY, judgeLead, LEADS, type LeadCase, STRIPE } from "../support/e2e-leads.ts";
import { type Rig, startRig } from "../support/e2e-rig.ts";
import { until } from "../support/e2e-until.ts";

let rig: Rig;
let revenue: { server: Server; client: Client };
let intel: { server: Server; client: Client };

beforeAll(async () => {
  rig = await startRig();
  [revenue, intel] = await Promise.all([rig.startRevenueOps(), rig.startCompanyIntel()]);
});

afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
});

const GATEWAYS = ["revenue_ops", "company_intel"] as const;
const gatewayOf = (operator: (typeof GATEWAYS)[number]) => (operator === "revenue_ops" ? revenue.client : intel.client);
const input = (contact_id: string) => ({ contact_id, source: "form" });

describe.each(GATEWAYS)("activated through the gateway of the server of %s", (operator) => {
  test.each(LEADS)("$contactId goes to $route with $composite", async (lead) => {
    const client = gatewayOf(operator);
    await rig.forget();

    const run = await client.run("revenue_ops", lead.trigger, input(lead.contactId));

    const known = lead.contactId === "lead_sales" ? INTEL_REPLY : {};
    await judgeLead({ lead, run, client, vendor: rig.vendor, intel: known, crmFile: rig.crmFile });
    expect(rig.vendor.asked()).toHaveLength(lead.contactId === "lead_sales" ? 3 : 1);
  });
});

test("a lead with a company asks company_intel over the bus, which leaves a run, a record and an event of its own", async () => {
  const { client } = revenue;
  await rig.forget();
  const asked: string[] = [];
  const ear = rig.nc.subscribe("operators.company_intel.request.*", { callback: (_error, message) => void asked.push(message.subject) });
  await rig.nc.flush();

  const lead = await client.run("revenue_ops", "new_lead", input("lead_sales"));
  ear.unsubscribe(); // else NATS takes us for somebody who will answer

  expect(asked).toEqual(["operators.company_intel.request.research"]);
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
  const { client } = revenue;
  await rig.forget();
  await client.run("revenue_ops", "new_lead", input("lead_sales"));
  await rig.forget({ keepIntel: true });

  const second = await intel.client.run("revenue_ops", "new_lead", input("lead_sales"));

  expect(second.output.company_intel).toEqual(INTEL_RECORD);
  expect([rig.vendor.asked("research"), rig.vendor.asked("analyze")]).toEqual([[], []]);
  expect(rig.vendor.asked("score")).toHaveLength(1);
});

test("without a process of company_intel the lead ends without it, and at once", async () => {
  await rig.forget();
  intel.server.signal("SIGTERM");
  expect(await intel.server.ended).toBe(0);

  let run: RunBody;
  try {
    run = await revenue.client.run("revenue_ops", "new_lead", input("lead_sales"));
  } finally {
    intel = await rig.startCompanyIntel();
  }

  expect(run).toMatchObject({ status: "completed", output: { company_intel: {}, route: "sales", composite_score: 84.5 } });
  expect(run.metrics.duration_seconds).toBeLessThan(2);
  expect(rig.vendor.asked()).toHaveLength(1);
  expect(rig.vendor.asked("score", "Company intelligence")).toEqual([]);
});

test("both servers show the same run, and both stream it from its first event to its last", async () => {
  await rig.forget();
  const { run_id } = await intel.client.activate("revenue_ops", "new_lead", input("lead_sales"));

  const streams = await Promise.all([revenue, intel].map(({ client }) => client.stream("revenue_ops", run_id)));

  const [one, other] = await Promise.all([revenue, intel].map(({ client }) => client.get("revenue_ops", run_id)));
  expect(one).toMatchObject({ run_id, status: "completed" });
  expect(other).toEqual(one);
  const stored = (await revenue.client.events("revenue_ops", run_id)).map((event) => JSON.stringify(event));
  for (const messages of streams) expect(storedOf(messages)).toEqual(stored);
});

test("an operator's event reaches who listens at the other server", async () => {
  await rig.forget();
  const stop = AbortSignal.timeout(15_000);
  const connected = Promise.withResolvers<void>();
  const heard = (async () => {
    const url = `${intel.client.url}/v1/events/stream?types=lead_qualified`;
    for await (const message of readSse(url, { signal: stop, onConnect: () => connected.resolve() }))
      if (message.event === "lead_qualified") return JSON.parse(message.data) as { runid: string; data: object };
    return undefined;
  })();
  await connected.promise;

  const { run_id } = await revenue.client.run("revenue_ops", "new_lead", input("lead_sales"));

  expect(await heard).toMatchObject({ runid: run_id, data: { contact_id: "lead_sales", lead_score: 84 } });
});

describe("a program of any language asks company_intel over NATS", () => {
  const ask = async (body: string, fields: Readonly<Record<string, string>> = {}) => {
    const hdrs = headers();
    for (const [name, value] of Object.entries(fields)) hdrs.set(name, value);
    const options = { timeout: 20_000, ...(Object.keys(fields).length === 0 ? {} : { headers: hdrs }) };
    return (await rig.nc.request("operators.company_intel.request.research", body, options)).json();
  };

  test.each<[string, Readonly<Record<string, string>>]>([
    ["plain JSON", {}],
    ["headers that mean nothing", { "ov-ask-id": "%E0%A4%A", "ov-deadline": "soon", traceparent: "x" }],
  ])("with %s, and gets the catalogue's reply", async (_, fields) => {
    await rig.forget();

    const reply = await ask('{"company":"Stripe"}', fields);

    expect(reply).toEqual(INTEL_REPLY);
    expect(await revenue.client.context("context-companies", "stripe.intel")).toEqual({
      ...INTEL_RECORD,
      run_id: (reply as { run_id: string }).run_id,
    });
  });

  test("twice under one id, and is answered by one run", async () => {
    rig.vendor.forget();

    const replies = await Promise.all([1, 2].map(() => ask('{"company":"Stripe"}', { "ov-ask-id": "the same" })));

    expect(replies[1]).toEqual(replies[0]);
    expect(rig.vendor.asked()).toHaveLength(2);
  });

  test.each(["", "{}", "[]", '"Stripe"', '{"company":5}', '{"company":"a","company":"b"}', "no JSON", "\u0000\u0001"])(
    "with %j, and is told what is wrong",
    async (body) => {
      rig.vendor.forget();

      const reply = await ask(body);

      expect(reply).toEqual({ error: { code: expect.stringMatching(/^OV_/), message: expect.stringMatching(/company_intel\.research/) } });
      expect(rig.vendor.asked()).toEqual([]);
    },
  );
});

test("the leader of the cluster is killed in the middle of 20 leads: all end completed, none was worked on twice", async () => {
  const { client } = revenue;
  await rig.forget();
  await client.run("revenue_ops", "new_lead", input("lead_sales"));
  await rig.forget({ keepIntel: true });
  const leader = await findLeader();
  rig.vendor.slow(500);

  const started: RunBody[] = [];
  let applied: ReturnType<typeof runCommand> | undefined;
  let unfinished = 0;
  let killedAt = 0;
  for (let number = 0; number < 20; number++) {
    if (number === 8) {
      await leader.kill();
      killedAt = Date.now();
      applied = runCommand(["nats", "apply", "--replicas", "3"], { NATS_URL: rig.cluster.urls.join(",") });
      unfinished = (await Promise.all(started.map(({ run_id }) => client.get("revenue_ops", run_id)))).filter(isUnfinished).length;
    }
    const { trigger, contactId } = leadOf(number);
    started.push(await (number % 2 === 0 ? revenue : intel).client.activate("revenue_ops", trigger, input(contactId)));
  }
  const ended = await Promise.all(started.map(({ run_id }) => untilEnded(client, run_id)));
  process.stdout.write(`the leader's death met ${unfinished} leads on their way; all 20 had ended ${Date.now() - killedAt} ms after it\n`);
  const events = await Promise.all(started.map(({ run_id }) => client.events("revenue_ops", run_id)));
  rig.vendor.slow(0);
  await leader.start();
  await rig.cluster.ready();

  expect(await applied, "what every server does when it starts").toMatchObject({ exitCode: 0, stderr: "" });
  expect(unfinished, "leads under way when the leader was gone").toBeGreaterThan(0);
  expect(ended.map(({ status, output }) => [status, output.route])).toEqual(
    started.map((_, number) => ["completed", leadOf(number).route]),
  );
  expect(ended.map(({ attempt }) => attempt)).toEqual(started.map(() => 1));
  expect(rig.vendor.asked("score")).toHaveLength(20);
  expect(events.map((ofRun) => ofRun.filter(({ type }) => type === "run.completed").length)).toEqual(started.map(() => 1));
});

function leadOf(number: number): LeadCase {
  return LEADS[number % LEADS.length] as LeadCase;
}

/** The stored events of a stream, as their data stood in it. */
function storedOf(messages: readonly SseMessage[]): string[] {
  return messages.filter(({ id, event }) => id !== undefined && !event.startsWith("stream.")).map(({ data }) => data);
}

/** The server that leads the cluster, by the word of its members. */
async function findLeader() {
  const names = await Promise.all(
    rig.cluster.servers.map(async ({ monitorUrl }) => (await readMonitor<{ server_name: string }>(monitorUrl, "varz")).server_name),
  );
  const { meta_cluster } = await readMonitor<{ meta_cluster: { leader: string } }>(rig.cluster.servers[0]?.monitorUrl, "jsz");
  const leader = rig.cluster.servers[names.indexOf(meta_cluster.leader)];
  if (leader === undefined) throw new Error(`no member is called ${meta_cluster.leader}`);
  return leader;
}

async function readMonitor<T>(url: string | undefined, page: string): Promise<T> {
  return (await (await fetch(`${url}/${page}`)).json()) as T;
}

function isUnfinished({ status }: RunBody): boolean {
  return ["queued", "running", "waiting"].includes(status);
}

function untilEnded(client: Client, runId: string): Promise<RunBody> {
  return until(
    `the end of ${runId}`,
    async () => {
      const run = await client.get("revenue_ops", runId);
      return !isUnfinished(run) && run;
    },
    40_000,
  );
}
