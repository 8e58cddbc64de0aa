/** What is refused at load: plain JavaScript has no types to stop it. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator } from "./operator.ts";
import type { Steps } from "./steps.ts";
import { workflow } from "./workflow.ts";

const Deal = z.object({ mails: z.number().default(0), approved: z.boolean().default(false), comment: z.string().default("") });
type Chain = Steps<z.output<typeof Deal>, never>;
const load = (draw: (chain: Chain) => unknown) =>
  operator("deals", { name: "Deals", workflows: [draw(workflow("deal", { state: Deal }) as never) as never] });
const fault = (draw: (chain: Chain) => unknown): string => {
  try {
    load(draw);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
};
const yes = () => true;
const body = (chain: Chain) => chain.node("in", () => ({}));

describe("a loop", () => {
  test.each([
    [{ maxIterations: 2 }, body, "give while or until"],
    [{ while: yes, until: yes, maxIterations: 2 }, body, "exactly one of the two"],
    [{ while: true, maxIterations: 2 }, body, "are functions of the state"],
    [{ while: yes }, body, "maxIterations is missing"],
    [{ while: yes, maxIterations: 0 }, body, "a whole number from 1 to 10000"],
    [{ while: yes, maxIterations: 2, most: 3 }, body, 'there is no option "most"'],
    [{ while: yes, maxIterations: 2 }, null, "the body must be a function"],
    [{ while: yes, maxIterations: 2 }, () => undefined, "the body must be a function"],
    [{ while: yes, maxIterations: 2 }, (chain: Chain) => chain, "the body must be a function"],
    [{ while: yes, maxIterations: 2 }, (chain: Chain) => chain.node("again", () => ({})), "the name is taken"],
  ])("%j with %s is refused", (options, drawn, message) => {
    const said = fault((chain) => chain.loop("again" as never, options as never, drawn as never));

    expect(said).toContain("operator deals, workflow deal");
    expect(said).toContain(message);
  });
});

describe("a wait", () => {
  test.each([
    ["3 weeks", "is no duration"],
    [0, "is no duration"],
    ["500d", "up to 366d"],
    [{ until: "tomorrow" }, "until must be a function"],
    [{ at: () => 1 }, 'there is no option "at"'],
  ])("of %j is refused", (time, message) => {
    expect(fault((chain) => chain.wait("nap", time as never))).toContain(message);
  });
});

describe("a wait for an event", () => {
  test.each([
    [{ event: [] }, "event must be a type, or 1 to 16"],
    [{ event: ["a", "a"] }, "each once"],
    [{ event: "Lead Replied" }, "up to four words"],
    [{ event: "run.completed" }, "OpenVibe's own"],
    [{ event: ["a", "b"], mode: 3 }, "from 1 to 2"],
    [{ event: "a", mode: "some" }, 'mode must be "any", "all"'],
    [{ event: "a", match: { lead: "b" } }, "match must be an object of 1 to 8 functions"],
    [{ event: "a", output: "aproved" }, 'did you mean "approved"?'],
    [{ event: "a", output: { aproved: "x" } }, 'did you mean "approved"?'],
    [{ event: "a", output: { approved: 1 } }, "output must be a field of the state, or an object"],
    [{ event: "a", onTimeout: body }, "onTimeout needs a timeout"],
    [{ event: "a", timeout: "1d", onTimeout: () => undefined }, "onTimeout must be null, or a function"],
    [{ event: "a", timeout: "soon" }, "is no duration"],
    [{ event: "a", retries: 3 }, 'there is no option "retries"'],
  ])("of %j is refused", (options, message) => {
    const said = fault((chain) => chain.wait("reply", options as never));

    expect(said).toContain("operator deals, workflow deal, step reply");
    expect(said).toContain(message);
  });

  test("whose timeout's steps lead to a step that is not there is refused", () => {
    const arm = (chain: Chain) => chain.branch("odd" as never, () => "away", { away: "nowhere" } as never);
    const said = fault((chain) => chain.wait("reply" as never, { event: "a", timeout: "1d", onTimeout: arm } as never));

    expect(said).toContain('leads to "nowhere", which is no step');
  });

  test("is data, with the steps for its timeout inside", () => {
    const { manifest } = load((chain) =>
      chain.wait("reply" as never, {
        event: ["a", "b"],
        mode: "all",
        match: { deal: (s) => s.comment },
        timeout: "1d",
        onTimeout: body,
        output: { comment: "text" },
      }),
    );

    expect(manifest.workflows[0]?.steps).toEqual([
      {
        kind: "wait",
        id: "reply",
        event: {
          types: ["a", "b"],
          needed: 2,
          match: ["deal"],
          timeout_ms: 86_400_000,
          timed_out: [{ kind: "node", id: "in" }],
          outputs: { comment: "text" },
        },
      },
    ]);
  });
});

describe("a question", () => {
  const asked = { prompt: "Well?", answer: ["approved"] };
  test.each([
    [{ answer: ["approved"] }, "prompt must be a text"],
    [{ prompt: "Well?" }, "answer must name at least one field"],
    [{ prompt: "Well?", answer: ["aproved"] }, 'did you mean "approved"?'],
    [{ ...asked, default: { approved: true } }, "default needs a timeout"],
    [{ ...asked, onTimeout: null }, "onTimeout needs a timeout"],
    [{ ...asked, timeout: "1d", default: {}, onTimeout: null }, "give default or onTimeout, not both"],
    [{ ...asked, timeout: "1d", onTimeout: () => 7 }, "onTimeout must be null, or a function"],
    [{ ...asked, timeout: "1d", default: { approved: "yes" } }, "/approved"],
    [{ ...asked, timeout: "1d", default: { mails: 1 } }, "none of the answer's fields"],
    [{ ...asked, timeout: "1d", reminder: "2d" }, "reminder must come before the timeout"],
    [{ ...asked, approvers: { of: [] } }, "of must name people"],
    [{ ...asked, approvers: { of: ["ann", "ann"] } }, "each of them once"],
    [{ ...asked, approvers: { of: ["ann"], needed: 2 } }, "needed must be a whole number from 1 to 1"],
    [{ ...asked, answers: ["approved"] }, 'there is no option "answers": did you mean "answer"?'],
  ])("with %j is refused", (options, message) => {
    expect(fault((chain) => chain.human("ask", options as never))).toContain(message);
  });

  test("becomes data: the fields, their schema, the times and the people", () => {
    const { manifest } = load((chain) =>
      chain.human("ask", {
        prompt: "Well?",
        answer: ["approved", "comment"],
        timeout: "2d",
        reminder: "1d",
        default: { approved: false, comment: "late" },
        approvers: { of: ["ann", "bob"] },
      }),
    );

    expect(manifest.workflows[0]?.steps).toEqual([
      {
        kind: "human",
        id: "ask",
        answer: ["approved", "comment"],
        answer_schema: expect.objectContaining({ required: ["approved", "comment"], additionalProperties: false }),
        wait_ms: 172_800_000,
        remind_after_ms: 86_400_000,
        default_answer: { approved: false, comment: "late" },
        approvers: { of: ["ann", "bob"], needed: 2 },
      },
    ]);
  });
});

describe("retries", () => {
  test.each([
    [{}, "attempts is missing"],
    [{ attempts: 0 }, "a whole number from 1 to 100"],
    [{ attempts: 2, factor: 0.5 }, "factor must be a number from 1 to 10"],
    [{ attempts: 2, jitter: 2 }, "jitter must be a number from 0 to 1"],
    [{ attempts: 2, longest: "8d" }, "longest may be 7d at most"],
    [{ attempts: 2, on: "timeout" }, "on must be a function"],
    [{ attempts: 2, delay: 1 }, 'there is no option "delay"'],
  ])("%j are refused", (retries, message) => {
    expect(fault((chain) => chain.node("call", () => ({}), { retries: retries as never }))).toContain(message);
  });

  test("as a number count further attempts", () => {
    const { manifest } = load((chain) => chain.node("call", () => ({}), { retries: 2 }));

    expect(manifest.workflows[0]?.steps[0]).toMatchObject({ retries: { attempts: 3, backoff_ms: 1_000, factor: 2, longest_ms: 30_000 } });
  });
});
