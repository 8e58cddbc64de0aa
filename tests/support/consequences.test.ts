/** What the judge of consequences says of trials in which something is wrong. */
import { describe, expect, test } from "vitest";
import { type Consequences, judgeConsequences } from "./consequences.ts";

const run = (runId: string, workflow: string, more: Partial<Consequences["runs"][number]> = {}): Consequences["runs"][number] => ({
  ...{ runId, workflow, trigger: "t", status: "completed", attempt: 1, input: {}, output: {} },
  ...more,
});
const sent = (id: string, named = id, text = "") => ({ id, body: JSON.stringify({ id: named, text }), headers: {} });

/** An asker with two questions, a teller whose event meets two triggers, and a receiver of that event. */
const fine: Consequences = {
  runs: [
    run("a", "mix.asking"),
    run("a1", "partner.answer", { input: { by: "a", say: "soon" } }),
    run("a2", "partner.answer", { input: { by: "a", say: "later" } }),
    run("t", "mix.telling"),
    run("t1", "partner.hear", { input: { by: "t" }, trigger: "x" }),
    run("t2", "partner.hear", { input: { by: "t" }, trigger: "y" }),
  ],
  events: [
    { runId: "t", sequence: 2, type: "mix.told" },
    { runId: "t", sequence: 2, type: "mix.told" },
    { runId: "t", sequence: 3, type: "run.completed" },
  ],
  asks: { asker: "mix.asking", answerer: "partner.answer", questions: ["soon", "later"] },
  tells: { teller: "mix.telling", event: "mix.told", hearer: "partner.hear", triggers: ["x", "y"] },
  webhooks: { types: ["mix.told"], received: [sent("t:2"), sent("t:2")], taken: new Set(["t:2"]) },
};
const without = (...ids: string[]) => ({ runs: fine.runs.filter(({ runId }) => !ids.includes(runId)) });
const and = (...more: Consequences["runs"]) => ({ runs: [...fine.runs, ...more] });
const webhooks = (received: Consequences["webhooks"]["received"], taken = ["t:2"]) => ({
  webhooks: { types: ["mix.told"], received, taken: new Set(taken) },
});

describe("consequences", () => {
  test("are fine where each question and each trigger has one run, and each event arrived, once or more", () => {
    expect(judgeConsequences(fine)).toEqual([]);
  });

  test.each<[what: string, wrong: Partial<Consequences>, says: string]>([
    ["a question began none", without("a2"), "a: its question later began 0 runs"],
    ["a question began two", and(run("a3", "partner.answer", { input: { by: "a", say: "soon" } })), "a: its question soon began 2 runs"],
    [
      "a question of a run that goes on began two",
      {
        runs: [
          ...fine.runs.slice(1),
          run("a", "mix.asking", { status: "running" }),
          run("a3", "partner.answer", { input: { by: "a", say: "soon" } }),
        ],
      },
      "a: its question soon began 2 runs",
    ],
    ["a trigger missed an event", without("t2"), "t: its event started 0 runs of trigger y"],
    [
      "a trigger met it twice",
      and(run("t3", "partner.hear", { input: { by: "t" }, trigger: "x" })),
      "t: its event started 2 runs of trigger x",
    ],
    [
      "the event was published twice",
      { events: [...fine.events, { runId: "t", sequence: 4, type: "mix.told" }], ...webhooks([sent("t:2"), sent("t:4")], ["t:2", "t:4"]) },
      "t published 2 events mix.told",
    ],
    ["the event is not there", { events: [], ...webhooks([], []) }, "t published 0 events mix.told"],
    ["it was sent and never taken", webhooks([sent("t:2")], []), "event t:2 did not arrive at the receiver"],
    ["something else was sent", webhooks([sent("t:2"), sent("t:9")]), "the receiver was sent event t:9, which is none"],
    ["it was sent as two", webhooks([sent("t:2"), sent("t:2", "t:2", "other")]), "event t:2 was sent with 2 bodies"],
    ["it was sent under another's id", webhooks([sent("t:2", "t:3")]), "event t:3 was sent under the id t:2"],
  ])("are not where %s", (_, wrong, says) => {
    expect(judgeConsequences({ ...fine, ...wrong })).toEqual([says]);
  });
});
