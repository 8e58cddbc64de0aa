/** The main job in one process: `openvibe dev`, nothing else installed, and what a kill leaves of it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSse, type SseMessage } from "@openvibe/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, createClient } from "../support/e2e-client.ts";
import { runCommand, type Server, startServer } from "../support/e2e-command.ts";
import { INTEL_REPLY, judgeLead, LEADS } from "../support/e2e-leads.ts";
import { COMPANY_INTEL, REVENUE_OPS } from "../support/e2e-rig.ts";
import { until } from "../support/e2e-until.ts";
import { startVendor, type Vendor } from "../support/e2e-vendor.ts";

interface Dev extends AsyncDisposable {
  readonly vendor: Vendor;
  readonly crmFile: string;
  /** Starts it, or starts it again on the same folder. */
  start(): Promise<{ readonly server: Server; readonly client: Client }>;
}

async function openDev(): Promise<Dev> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "openvibe-dev-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const vendor = starting.use(await startVendor());
  const crmFile = join(folder, "crm.jsonl");
  await writeFile(crmFile, "");
  const env = { ...vendor.env, OPENVIBE_SQLITE_PATH: join(folder, ".openvibe/openvibe.db"), OPENVIBE_TEST_CRM_FILE: crmFile };
  const stack = starting.move();
  return {
    vendor,
    crmFile,
    async start() {
      const server = stack.use(await startServer({ command: "dev", files: [COMPANY_INTEL, REVENUE_OPS], env }));
      return { server, client: createClient(server.url) };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

let dev: Dev;
let client: Client;

beforeAll(async () => {
  dev = await openDev();
  ({ client } = await dev.start());
});

afterAll(async () => {
  await dev?.[Symbol.asyncDispose]();
});

test.each(LEADS)("$contactId goes to $route with $composite", async (lead) => {
  const { vendor, crmFile } = dev;
  await writeFile(crmFile, "");
  vendor.forget();

  const run = await client.run("revenue_ops", lead.trigger, { contact_id: lead.contactId, source: "form" });

  const intel = lead.contactId === "lead_sales" ? INTEL_REPLY : {};
  await judgeLead({ lead, run, client, vendor, intel, crmFile });
});

test("`openvibe run --wait` shows the run's events and then its end, and says by its exit code that it completed", async () => {
  const args = ["run", "revenue_ops", "new_lead", "--input", '{"contact_id":"lead_nurture"}', "--wait", "--url", client.url];

  const shown = await runCommand(args);
  const told = await runCommand([...args, "--json"]);

  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  const lines = shown.stdout.split("\n");
  const steps = lines
    .map((line) => /^\d\d:\d\d:\d\d\.\d{3} {2}(?:node\.completed|run) ?(\w+)/.exec(line)?.[1])
    .filter((step) => step !== undefined);
  expect(steps).toEqual(["queued", "started", "enrich", "score", "route", "update_crm", "completed"]);
  expect(lines.find((line) => line.startsWith("run_"))).toMatch(/^run_\S+ {2}completed {2}revenue_ops\.lead_qualification$/);
  expect(shown.stdout).toContain('"composite_score": 59.5');
  expect(shown.stdout).toMatch(/4 nodes, 1 model calls, \d+ \+ \d+ tokens, \$0\.\d+/);
  expect(told).toMatchObject({ exitCode: 0, stderr: "" });
  const documents = told.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(documents.slice(-2)).toMatchObject([{ type: "run.completed" }, { status: "completed", output: { route: "nurture" } }]);
});

test.each([
  ["score, after company_intel had answered", "score", { research: 1, analyze: 1, score: 2 }],
  ["analyze of company_intel, while revenue_ops waits for its answer", "analyze", { research: 1, analyze: 2, score: 1 }],
] as const)(
  "killed in node %s and started again on the same folder: the run ends, no finished node runs again, the stream goes on exactly",
  async (_, step, asked) => {
    await using own = await openDev();
    const { vendor } = own;
    const first = await own.start();
    const stream = follow(first.client.url);
    await stream.connected;
    let runId: string;
    {
      using _held = vendor.hold(step);
      ({ run_id: runId } = await first.client.activate("revenue_ops", "new_lead", { contact_id: "lead_sales", source: "form" }));
      await until(`the model is asked in ${step}`, () => vendor.asked(step).length > 0);
      await first.server.kill();
    }
    await stream.ended;
    const before = [...stream.messages];

    const { client } = await own.start();
    const run = await until("the run ends", async () => {
      const found = await client.get("revenue_ops", runId);
      return found.status === "completed" && found;
    });

    const counts = {
      research: vendor.asked("research").length,
      analyze: vendor.asked("analyze").length,
      score: vendor.asked("score").length,
    };
    expect(counts).toEqual(asked);
    expect(run).toMatchObject({ attempt: 2, output: { route: "sales", company_intel: INTEL_REPLY, crm_updated: true } });
    const { body: researched } = await client.call<{ data: { run_id: string }[] }>("GET", "/v1/operators/company_intel/runs");
    expect(researched.data).toHaveLength(1);
    const after = follow(client.url, before.at(-1)?.lastEventId);
    await until("the stream has told all", () =>
      after.messages.some(({ event, data }) => event === "run.completed" && data.includes(runId)),
    );
    after.stop();
    const heard = [...before, ...after.messages].map(({ data }) => data);
    const seen = heard.filter((data) => typeof parsed(data).runid === "string");
    const changes = heard.filter((data) => !seen.includes(data)).map(parsed);
    expect(new Set(changes.map(({ type }) => type))).toEqual(new Set(["context.updated"]));
    expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
    const stored = [
      ...(await client.events("revenue_ops", runId)),
      ...(await client.events("company_intel", researched.data[0]?.run_id ?? "")),
    ].map((event) => JSON.stringify(event));
    expect(before.length).toBeGreaterThan(0);
    expect(seen.toSorted()).toEqual(stored.toSorted());
    for (const id of [runId, researched.data[0]?.run_id]) expect(sequencesOf(seen, id)).toEqual(sequencesOf(stored, id));
    expect(sequencesOf(stored, runId)).toEqual(sequencesOf(stored, runId).map((_, index) => index));
  },
);

function parsed(data: string): { readonly id: string; readonly type: string; readonly runid?: string } {
  return JSON.parse(data) as { readonly id: string; readonly type: string; readonly runid?: string };
}

function sequencesOf(events: readonly string[], runId: string | undefined): number[] {
  const read = events.map((event) => JSON.parse(event) as { runid: string; sequence: number });
  return read.filter(({ runid }) => runid === runId).map(({ sequence }) => sequence);
}

/** Reads the stream of all events over one connection, from `lastEventId` on. */
function follow(url: string, lastEventId?: string) {
  const stop = new AbortController();
  const connected = Promise.withResolvers<void>();
  const messages: SseMessage[] = [];
  const read = async () => {
    const from = lastEventId === undefined ? {} : { lastEventId };
    const options = { ...from, reconnect: false, signal: stop.signal, onConnect: () => connected.resolve() };
    for await (const message of readSse(`${url}/v1/events/stream`, options)) messages.push(message);
  };
  return { messages, connected: connected.promise, ended: read(), stop: () => stop.abort() };
}
