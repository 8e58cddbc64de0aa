/** The original design's three examples, written with decorators and as values: one definition, and runs that do the same. */
import { readFile } from "node:fs/promises";
import { type AnyOperator, definitionOf, type JsonObject } from "openvibe";
import { createScripted, openTestKit, type TestKit, type TestRun } from "openvibe/testing";
import { describe, expect, test } from "vitest";
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

const script = ({ user }: { readonly user: string }) => {
  if (user.startsWith("Score")) return '{"fitScore":90,"intentScore":80,"urgencyScore":100}';
  if (user.startsWith("How engaged")) return '{"engagementScore":50,"notes":"reads all"}';
  return `answer to: ${user}`;
};

/** Runs one workflow in both spellings. Gives what happened, which must be the same: the run's end, its events, and what the model was asked. */
async function runBoth(
  spellings: readonly [AnyOperator, AnyOperator],
  workflow: string,
  input: JsonObject,
  meanwhile: (kit: TestKit, run: TestRun) => Promise<void> = async () => {},
) {
  const [first, second] = await Promise.all(
    spellings.map(async (operator) => {
      const llm = createScripted(script);
      await using kit = await openTestKit({ operators: [operator], llm });
      const run = await kit.start(definitionOf(operator).manifest.id, workflow, input);
      await meanwhile(kit, run);
      const { status, output, error } = await run.ended();
      const told = await kit.events();
      const asked = llm.requests.map(({ system, user, model, schema }) => ({ system, user, model, schema }));
      return { status, output, error, asked, told: told.map(({ type, nodeId }) => [type, nodeId]) };
    }),
  );
  expect(first).toEqual(second);
  return first;
}

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
    const story = await runBoth([Nurture, nurture], "nurture_sequence", input, async (kit, run) => {
      const { interrupt } = await run.waiting();
      const days = (Date.parse(String(interrupt.data.until)) - kit.now().getTime()) / 86_400_000;
      expect([interrupt.kind, interrupt.node_id, Math.round(days)]).toEqual(["timer", "wait_for_engagement", 3]);
      await kit.skip("3d");
      expect((await run.waiting()).interrupt).toMatchObject({
        kind: "human",
        node_id: "sales_review",
        data: { prompt: "Lead replied. Review and decide: continue or handoff?", schema: { required: ["decision", "notes"] } },
      });
      await run.answer({ decision: "handoff", notes: "call him" });
    });

    expect(story).toMatchObject({
      status: "completed",
      output: { engagementScore: 50, message: expect.stringContaining("reads all"), decision: "handoff", notes: "call him" },
    });
  });
});
