/** LangGraph runs our plans in two forms. Nobody may be able to tell them apart, and a run may change from one to the other. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@openvibe/core";
import companyIntel from "@openvibe/operators/company_intel";
import hello from "@openvibe/operators/hello";
import { DEMO_LEADS } from "@openvibe/operators/testing";
import { createRuntime, type OperatorDefinition, type Runtime } from "openvibe";
import { afterEach, expect, test, vi } from "vitest";
import { createClient, type RunBody } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import { type Outcome, outcomeOverHttp, toOutcome } from "../support/e2e-outcome.ts";
import revenueOps from "../support/e2e-revenue-ops.ts";
import { COMPANY_INTEL, REVENUE_OPS } from "../support/e2e-rig.ts";
import { until } from "../support/e2e-until.ts";
import { startVendor, type Vendor } from "../support/e2e-vendor.ts";
import load from "../support/load-operator.ts";

const FORMS = ["segments", "nodes"] as const;
type Form = (typeof FORMS)[number];

interface Example {
  readonly operator: OperatorDefinition;
  readonly workflow: string;
  readonly input: JsonObject;
}

/** In this order: the first lead asks company_intel, a second one would find its record. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  hello: { operator: hello, workflow: "greet", input: {} },
  company_intel: { operator: companyIntel, workflow: "research", input: { company_name: "Acme" } },
  ...Object.fromEntries(
    Object.keys(DEMO_LEADS).map((contact_id) => [
      contact_id,
      { operator: revenueOps, workflow: "lead_qualification", input: { contact_id } },
    ]),
  ),
  load_even: { operator: load, workflow: "count", input: { number: 4 } },
  load_odd: { operator: load, workflow: "count", input: { number: 5 } },
};

/** The first waits in its model's step when its process ends, the others are somewhere on their way. */
const INTERRUPTED: readonly Example[] = [
  { operator: revenueOps, workflow: "lead_qualification", input: { contact_id: "lead_sales" } },
  { operator: load, workflow: "count", input: { number: 4, pause_ms: 250 } },
  { operator: load, workflow: "count", input: { number: 5, pause_ms: 150 } },
];
const LOAD = "tests/support/load-operator.ts";

afterEach(() => vi.unstubAllEnvs());

test("every example gives the same status, output, events and metrics in both forms", async () => {
  await using vendor = await startVendor();

  const segments = await runAll(vendor, "segments");
  const nodes = await runAll(vendor, "nodes");

  expect(Object.keys(nodes)).toEqual([...Object.keys(EXAMPLES), "company_intel, asked by lead_sales"]);
  for (const [name, outcome] of Object.entries(nodes)) {
    expect(outcome.status, name).toBe("completed");
    expect(outcome, name).toEqual(segments[name]);
  }
});

test.each([
  ["nodes", "killed", "segments"],
  ["segments", "stopped", "nodes"],
] as const)("a run begun in the form %s, %s, and ended in the form %s ends as if nothing had happened", async (begun, how, ended) => {
  await using vendor = await startVendor();
  const reference = await runReference(vendor);
  await using folder = await openFolder();
  const env = { ...vendor.env, OPENVIBE_SQLITE_PATH: join(folder.path, "openvibe.db") };
  const start = (form: Form) =>
    startServer({ command: "dev", files: [COMPANY_INTEL, REVENUE_OPS, LOAD], env: { ...env, OPENVIBE_GRAPH_FORM: form } });

  vendor.forget();
  await using first = await start(begun);
  let runs: readonly RunBody[];
  {
    using held = vendor.hold("score");
    const client = createClient(first.url);
    runs = await Promise.all(INTERRUPTED.map(({ operator, workflow, input }) => client.activate(operator.manifest.id, workflow, input)));
    await until("the model is asked for a score", () => vendor.asked("score").length > 0);
    if (how === "killed") await first.kill();
    else {
      first.signal("SIGTERM");
      await until("it drains", () => first.output().includes('"msg":"draining"')); // from then on no run goes beyond its step
      held[Symbol.dispose]();
      expect(await first.ended).toBe(0);
    }
  }
  await using second = await start(ended);

  const client = createClient(second.url);
  const outcomes = await Promise.all(runs.map((run) => outcomeOverHttp(client, run)));
  expect(outcomes.map(withoutEventData)).toEqual(reference.map(withoutEventData));
  const interrupted = await Promise.all(runs.map(({ operator_id, run_id }) => client.get(operator_id, run_id)));
  expect(interrupted.map(({ attempt }) => attempt)).toEqual([2, 2, 2]);
  expect([vendor.asked("research"), vendor.asked("analyze")].map(({ length }) => length)).toEqual([1, 1]);
  expect(vendor.asked("score")).toHaveLength(how === "killed" ? 2 : 1);
});

async function runAll(vendor: Vendor, form: Form): Promise<Record<string, Outcome>> {
  await using runtime = await openRuntime(vendor, form);
  const outcomes: Record<string, Outcome> = {};
  let asked = "";
  for (const [name, { operator, workflow, input }] of Object.entries(EXAMPLES)) {
    const { runId } = await runtime.activate(operator, workflow as never, input as never);
    outcomes[name] = await outcomeOf(runtime, runId);
    const { company_intel } = (await runtime.find(runId))?.output ?? {};
    if (name === "lead_sales") asked = String((company_intel as JsonObject).run_id);
  }
  outcomes["company_intel, asked by lead_sales"] = await outcomeOf(runtime, asked);
  return outcomes;
}

/** What the runs that are to be interrupted give when they are not. */
async function runReference(vendor: Vendor): Promise<Outcome[]> {
  await using runtime = await openRuntime(vendor, "segments");
  const outcomes = INTERRUPTED.map(async ({ operator, workflow, input }) => {
    const { runId } = await runtime.activate(operator, workflow as never, input as never);
    return await outcomeOf(runtime, runId);
  });
  return await Promise.all(outcomes);
}

async function openRuntime(vendor: Vendor, form: Form): Promise<Runtime> {
  for (const [name, value] of Object.entries({ ...vendor.env, OPENVIBE_GRAPH_FORM: form })) vi.stubEnv(name, value);
  return await createRuntime({ operators: [hello, companyIntel, revenueOps, load], store: ":memory:" });
}

async function outcomeOf(runtime: Runtime, runId: string): Promise<Outcome> {
  const events = await until(`the last event of ${runId}`, async () => {
    const stored = await runtime.events(runId);
    return stored.at(-1)?.type.startsWith("run.completed") === true && stored;
  });
  const run = await runtime.find(runId);
  if (run === undefined) throw new Error(`there is no run ${runId}`);
  return toOutcome(
    run,
    withoutCopies(events).map(({ type, sequence, nodeId, data }) => ({ type, sequence, node: nodeId, data })),
  );
}

/** Under load the log may hold an event twice, under one id; whoever reads it by id sees it once. */
function withoutCopies<T extends { readonly id: string }>(events: readonly T[]): T[] {
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

/** Their data tells of durations and attempts. */
function withoutEventData({ events, ...outcome }: Outcome): object {
  return { ...outcome, events: events.map(({ data: _, ...event }) => event) };
}

async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "openvibe-forms-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
