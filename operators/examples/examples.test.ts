/** The original design's three examples, written with decorators and as values: one definition, and runs that do the same. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createScripted, type ScriptedLlm } from "@openvibe/llm/scripted";
import { type AnyOperator, definitionOf, serve } from "openvibe";
import { beforeEach, describe, expect, test, vi } from "vitest";
import Hello from "./hello.decorated.ts";
import hello from "./hello.values.ts";
import LeadQualification from "./lead-qualification.decorated.ts";
import leadQualification from "./lead-qualification.values.ts";
import Nurture from "./nurture.decorated.ts";
import nurture from "./nurture.values.ts";

describe.each([
  { name: "hello", decorated: Hello, values: hello },
  { name: "lead-qualification", decorated: LeadQualification, values: leadQualification },
  { name: "nurture", decorated: Nurture, values: nurture },
])("the example $name", ({ name, decorated, values }) => {
  test("is one definition in both spellings: the same manifest, the same version", () => {
    const { manifest, version } = definitionOf(decorated);

    expect(manifest).toEqual(values.manifest);
    expect(version).toBe(values.version);
  });

  test.each(["decorated", "values"])("stands %s on its page as it stands here", async (spelling) => {
    const page = await readFile(new URL("../../docs/decorators.md", import.meta.url), "utf8");

    expect(page).toContain(`\`\`\`ts\n${await readFile(new URL(`./${name}.${spelling}.ts`, import.meta.url), "utf8")}\`\`\`\n`);
  });
});

beforeEach(() => {
  for (const variable of ["DATABASE_URL", "NATS_URL", "OPENVIBE_PORT"]) vi.stubEnv(variable, undefined);
});

interface Run {
  readonly run_id: string;
  readonly status: string;
  readonly interrupt?: { readonly kind: string; readonly node_id: string; readonly data: Readonly<Record<string, unknown>> };
}

/** A server of one operator over a store that outlives it. */
interface Server extends AsyncDisposable {
  call<T = Run>(method: string, path: string, body?: object): Promise<T>;
  /** Ends the server, lets the time come that the waiting run waits for, and starts it again. */
  passDays(days: number): Promise<void>;
}

async function start(operator: AnyOperator, llm: ScriptedLlm): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-examples-"));
  const store = join(folder, "runs.db");
  const open = () => serve(operator, { port: 0, store, llm, foreground: false });
  let served = await open();
  return {
    async call<T>(method: string, path: string, body?: object) {
      const given = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
      const response = await fetch(served.url + path, { method, ...given });
      expect([path, response.ok]).toEqual([path, true]);
      return (await response.json()) as T;
    },
    async passDays(days) {
      await served[Symbol.asyncDispose]();
      const database = new DatabaseSync(store);
      database.prepare("UPDATE runs SET due_at = due_at - ?, look_at = look_at - ?").run(days * 86_400_000, days * 86_400_000);
      database.close();
      served = await open();
    },
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const script = ({ user }: { readonly user: string }) => {
  if (user.startsWith("Score")) return '{"fitScore":90,"intentScore":80,"urgencyScore":100}';
  if (user.startsWith("How engaged")) return '{"engagementScore":50,"notes":"reads all"}';
  return `answer to: ${user}`;
};

/** Runs one workflow in both spellings. Gives what happened, which must be the same: the run's end, its events, and what the model was asked. */
async function runBoth(
  spellings: readonly [AnyOperator, AnyOperator],
  trigger: string,
  input: object,
  meanwhile: (server: Server, path: string) => Promise<void> = async () => {},
) {
  const [first, second] = await Promise.all(
    spellings.map(async (operator) => {
      const llm = createScripted(script);
      const { id } = definitionOf(operator).manifest;
      await using server = await start(operator, llm);
      const { run_id } = await server.call("POST", `/v1/operators/${id}/activate`, { trigger, input });
      const path = `/v1/operators/${id}/runs/${run_id}`;
      await meanwhile(server, path);
      const ended = await until(server, path, (run) => !["queued", "running", "waiting"].includes(run.status));
      const { data } = await server.call<{ data: readonly { type: string; nodeid?: string }[] }>("GET", `${path}/events`);
      const asked = llm.requests.map(({ system, user, model, schema }) => ({ system, user, model, schema }));
      const { status, output, error } = ended as Run & { readonly output: object; readonly error?: object };
      return { status, output, error, asked, told: data.map(({ type, nodeid }) => [type, nodeid]) };
    }),
  );
  expect(first).toEqual(second);
  return first;
}

const until = (server: Server, path: string, holds: (run: Run) => boolean) =>
  vi.waitFor(
    async () => {
      const run = await server.call("GET", path);
      if (!holds(run)) throw new Error(`it is ${run.status}`);
      return run;
    },
    { timeout: 15_000, interval: 25 },
  );

describe("a run does the same, whichever way it was written:", () => {
  test("hello", async () => {
    expect(await runBoth([Hello, hello], "greet", {})).toMatchObject({
      status: "completed",
      output: { greeting: "answer to: Say hello!" },
      asked: [{ system: "You are friendly.", user: "Say hello!" }],
    });
  });

  test("lead qualification", async () => {
    const story = await runBoth([LeadQualification, leadQualification], "lead_qualification", { contactId: "c1" });

    expect(story).toMatchObject({
      status: "completed",
      output: {
        contactId: "c1",
        companyData: "answer to: Enrich this contact: c1",
        fitScore: 90,
        intentScore: 80,
        urgencyScore: 100,
        compositeScore: 89,
        route: "pending",
        crmUpdated: true,
      },
      asked: [
        {},
        { user: "Score this lead:\nanswer to: Enrich this contact: c1", schema: { required: expect.arrayContaining(["fitScore"]) } },
      ],
    });
  });

  test("nurture: three days pass, and somebody answers", async () => {
    const input = { contactId: "c1", companyData: "ACME" };
    const story = await runBoth([Nurture, nurture], "nurture_sequence", input, async (server, path) => {
      const { interrupt } = await until(server, path, ({ status }) => status === "waiting");
      const days = (Date.parse(String(interrupt?.data.until)) - Date.now()) / 86_400_000;
      expect([interrupt?.kind, interrupt?.node_id, Math.round(days)]).toEqual(["timer", "wait_for_engagement", 3]);
      await server.passDays(3);
      const asked = await until(server, path, (run) => run.interrupt?.kind === "human");
      expect(asked.interrupt).toMatchObject({
        node_id: "sales_review",
        data: { prompt: "Lead replied. Review and decide: continue or handoff?", schema: { required: ["decision", "notes"] } },
      });
      await server.call("POST", `${path}/resume`, { answer: { decision: "handoff", notes: "call him" } });
    });

    expect(story).toMatchObject({
      status: "completed",
      output: { engagementScore: 50, message: expect.stringContaining("reads all"), decision: "handoff", notes: "call him" },
    });
  });
});
