import type { OperatorManifest, StepManifest, WorkflowManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { drawMermaid } from "./draw-mermaid.ts";
import { drawSvg } from "./draw-svg.ts";
import { drawText } from "./draw-text.ts";

const node = (id: string): StepManifest => ({ kind: "node", id });
const llm = (id: string, model: string): StepManifest => ({
  kind: "llm",
  id,
  model,
  max_tokens: 1,
  attempts: 1,
  outputs: ["text"],
  reply: "text",
});

const operatorOf = (...workflows: WorkflowManifest[]): OperatorManifest => ({ id: "op", name: "Op", workflows, answers: {} });
const workflowOf = (...steps: StepManifest[]): WorkflowManifest => ({
  id: "nurture",
  triggers: [
    { id: "nurture", on: "on_demand" },
    { id: "lead", on: "webhook:crm_lead" },
  ],
  input_schema: {},
  state_fields: [],
  steps,
});

const whole = operatorOf(
  workflowOf(
    llm("score", "haiku"),
    { kind: "branch", id: "tier", routes: { hot: [node("call"), node("end")], cold: [] } },
    {
      kind: "loop",
      id: "remind",
      max_iterations: 3,
      body: [
        { kind: "wait", id: "pause", duration_ms: 259_200_000 },
        { kind: "human", id: "ask", answer: ["ok"], answer_schema: {}, wait_ms: 1, timed_out: [node("late")] },
      ],
    },
  ),
  { ...workflowOf(node("only")), id: "other", triggers: [{ id: "other", on: "on_demand" }] },
);

describe("an operator's picture", () => {
  test("as Mermaid has every step by number, and every way on with its route", () => {
    expect(drawMermaid(whole)).toBe(`flowchart TD
  subgraph w0["nurture: on_demand, lead (webhook:crm_lead)"]
    w0_start((start))
    w0_0["score<br/>llm haiku → text"]
    w0_1{"tier<br/>branch"}
    w0_2["call<br/>node"]
    w0_3["end<br/>node"]
    w0_4{{"remind<br/>loop, at most 3 passes"}}
    w0_5(["pause<br/>wait 3 d"])
    w0_6[/"ask<br/>human → ok"/]
    w0_7["late<br/>node"]
    w0_end((end))
    w0_start --> w0_0
    w0_0 --> w0_1
    w0_1 -->|"hot"| w0_2
    w0_1 -->|"cold"| w0_4
    w0_2 --> w0_3
    w0_3 --> w0_4
    w0_4 -->|"again"| w0_5
    w0_4 -->|"done"| w0_end
    w0_5 --> w0_6
    w0_6 -->|"answered"| w0_4
    w0_6 -->|"timed_out"| w0_7
    w0_7 --> w0_4
  end
  subgraph w1["other: on_demand"]
    w1_start((start))
    w1_0["only<br/>node"]
    w1_end((end))
    w1_start --> w1_0
    w1_0 --> w1_end
  end`);
  });

  test("as text is a tree", () => {
    expect(drawText(whole)).toBe(`nurture  on_demand, lead (webhook:crm_lead)
├─ score             llm haiku → text
├─ tier              branch
│  ├╴hot:
│  │  ├─ call        node
│  │  └─ end         node
│  └╴cold: goes on
└─ remind            loop, at most 3 passes
   └╴again:
      ├─ pause       wait 3 d
      └─ ask         human → ok
         └╴timed_out:
            └─ late  node

other  on_demand
└─ only  node`);
  });

  test("as SVG is well formed, and shows each step once", () => {
    const picture = drawSvg(whole);

    expect(openTags(picture)).toEqual([]);
    for (const id of ["score", "tier", "call", "end", "remind", "pause", "ask", "late", "only"])
      expect(picture.split(`font-weight="bold">${id}</text>`)).toHaveLength(2);
    expect(picture).not.toMatch(/NaN|undefined|="-\d/);
  });

  test("says where a route leads that has no steps of its own, and what may be skipped", () => {
    const routes = { back: { goto: "score" }, stop: { end: true }, on: [] } as const;
    const leading = operatorOf(workflowOf({ ...llm("score", "haiku"), when: true }, { kind: "branch", id: "tier", routes }));

    expect(drawText(leading)).toBe(`nurture  on_demand, lead (webhook:crm_lead)
├─ score  llm haiku → text, maybe skipped
└─ tier   branch
   ├╴back: goes to score
   ├╴stop: ends the run
   └╴on: goes on`);
    expect(drawMermaid(leading)).toContain(`    w0_1 -->|"back"| w0_0
    w0_1 -->|"stop"| w0_end
    w0_1 -->|"on"| w0_end`);
    expect(drawSvg(leading)).toContain(">to score</text>");
    expect(openTags(drawSvg(leading))).toEqual([]);
  });

  test("of a workflow without steps is none, and no fault", () => {
    const empty = operatorOf(workflowOf());

    expect(drawMermaid(empty)).toContain("nurture");
    expect(drawText(empty)).toBe("nurture  on_demand, lead (webhook:crm_lead)");
    expect(openTags(drawSvg(empty))).toEqual([]);
  });

  test.each(['"]; A-->B', "<script>alert(1)</script>", "a & b", "#quot;", "`x`", "two\nlines", "\u0000"])(
    "keeps %j within its text",
    (model) => {
      const odd = operatorOf(workflowOf(llm("score", model)));
      const [, , , box] = drawMermaid(odd).split("\n");

      expect(box).toMatch(/^ {4}w0_0\["score<br\/>llm [^"<`]* → text"\]$/);
      expect(drawMermaid(odd).split("\n")).toHaveLength(8);
      expect(openTags(drawSvg(odd))).toEqual([]);
    },
  );
});

/** What is left open, after every tag and text was read as XML reads it. */
function openTags(xml: string): readonly string[] {
  const open: string[] = [];
  for (const [token] of xml.matchAll(/<[^>]*>|[^<]+/g)) {
    const tag = /^<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<&]*")*)(\/?)>$/.exec(token);
    if (tag === null) expect(token.trim()).toMatch(/^(?:[^<>&\p{Cc}]|&(?:amp|lt|gt|quot);)*$/u);
    else if (tag[1] === "/") expect(open.pop()).toBe(tag[2]);
    else if (tag[4] !== "/") open.push(tag[2] ?? "");
  }
  return open;
}
