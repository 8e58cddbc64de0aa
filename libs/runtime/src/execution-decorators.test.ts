/** The original design's three examples, run: written with decorators or as values, a run does the same. */
import { definitionOf, type JsonObject, type OperatorDefinition, systemClock } from "@openvibe/core";
import { conditional, operator, workflow } from "@openvibe/sdk/decorators";
import { describe, expect, test } from "vitest";
import Hello from "../../sdk/src/decorators/examples/hello.decorated.example.ts";
import hello from "../../sdk/src/decorators/examples/hello.values.example.ts";
import LeadQualification from "../../sdk/src/decorators/examples/lead-qualification.decorated.example.ts";
import leadQualification from "../../sdk/src/decorators/examples/lead-qualification.values.example.ts";
import Nurture from "../../sdk/src/decorators/examples/nurture.decorated.example.ts";
import nurture from "../../sdk/src/decorators/examples/nurture.values.example.ts";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const SPELLINGS = ["decorators", "values"] as const;
const script = ({ user }: { readonly user: string }) => {
  if (user.startsWith("Score")) return '{"fitScore":90,"intentScore":80,"urgencyScore":100}';
  if (user.startsWith("How engaged")) return '{"engagementScore":50,"notes":"reads all"}';
  return `answer to: ${user}`;
};
/** What was asked, and what the run's events say. */
const storyOf = async ({ llm, told }: World, runId: string) => ({
  asked: llm.requests.map(({ system, user, model, schema }) => ({ system, user, model, schema })),
  told: (await told(runId)).map(({ type, nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`)),
});

describe.each(FORMS)("in the form %s", (form) => {
  const runBoth = async (
    spelled: Readonly<Record<(typeof SPELLINGS)[number], OperatorDefinition>>,
    run: (world: World, definition: OperatorDefinition) => Promise<string>,
  ) => {
    const both = await Promise.all(
      SPELLINGS.map(async (spelling) => {
        await using world = openWorld({ form, script });
        await world.start([spelled[spelling]]);
        const runId = await run(world, spelled[spelling]);
        const { status, output, error, metrics } = await world.ended(runId);
        return { status, output, error, nodes: metrics.nodes_executed, calls: metrics.llm_calls, ...(await storyOf(world, runId)) };
      }),
    );
    expect(both[0]).toEqual(both[1]);
    return both[0];
  };

  test("hello", async () => {
    const story = await runBoth({ decorators: definitionOf(Hello), values: hello }, (world, definition) =>
      world.accept(definition, "greet"),
    );

    expect(story).toMatchObject({
      status: "completed",
      output: { greeting: "answer to: Say hello!" },
      asked: [{ system: "You are friendly.", user: "Say hello!" }],
    });
  });

  test("lead qualification", async () => {
    const story = await runBoth({ decorators: definitionOf(LeadQualification), values: leadQualification }, (world, definition) =>
      world.accept(definition, "lead_qualification", { contactId: "c1" }),
    );

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
      nodes: 4,
    });
  });

  test("nurture: three days pass, somebody answers", async () => {
    const story = await runBoth({ decorators: definitionOf(Nurture), values: nurture }, async (world, definition) => {
      const runId = await world.accept(definition, "nurture_sequence", { contactId: "c1", companyData: "ACME" });
      const { interrupt } = await world.waiting(runId);
      const days = (Date.parse(String((interrupt?.data as JsonObject | undefined)?.until)) - systemClock.now()) / 86_400_000;
      expect([interrupt?.kind, interrupt?.node_id, Math.round(days)]).toEqual(["timer", "wait_for_engagement", 3]);
      world.store.database.exec("UPDATE runs SET due_at = due_at - 259200000, look_at = look_at - 259200000");
      await until(async () => expect(await world.wakeDue()).toBe(1));
      expect((await world.waiting(runId, 1)).interrupt).toMatchObject({
        kind: "human",
        data: { prompt: "Lead replied. Review and decide: continue or handoff?", schema: { required: ["decision", "notes"] } },
      });
      expect(await world.answer(runId, { answer: { decision: "handoff", notes: "call him" } })).toBe(true);
      return runId;
    });

    expect(story).toMatchObject({
      status: "completed",
      output: { engagementScore: 50, message: expect.stringContaining("reads all"), decision: "handoff", notes: "call him" },
    });
  });

  test("a conditional none of whose routes holds fails the run with the values that were looked at", async () => {
    @operator({ id: "ops", name: "Ops" })
    class Ops {
      count = 0;

      @workflow({ id: "choose" })
      static Choose = class {
        @conditional<Ops>({ routes: { many: (s) => s.count > 10 } })
        decide(state: Ops) {
          return { count: state.count + 1 };
        }
      };
    }
    await using world = openWorld({ form });
    await world.start([definitionOf(Ops)]);

    const { status, error } = await world.ended(await world.accept(definitionOf(Ops), "choose", { count: 6 }));

    expect([status, error]).toEqual([
      "failed",
      {
        code: "OV_ROUTE_UNKNOWN",
        message: "class Ops, static Choose, method decide: none of its routes many holds for count=7",
        node_id: "decide",
      },
    ]);
  });
});
