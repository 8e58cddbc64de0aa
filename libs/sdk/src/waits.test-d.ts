/** What compiles and what does not of loops, waits, questions to people and retries. Checked by `tsc`, as `types.test-d.ts` is. */
import { z } from "zod";
import { end, goto, sleep, workflow } from "./index.ts";

const Deal = z.object({ mails: z.number().default(0), approved: z.boolean().default(false), comment: z.string().default("") });
const deal = () => workflow("deal", { state: Deal });
const asked = { prompt: "Well?", answer: ["approved"] } as const;

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
deal()
  .loop("l1", { while: (s) => s.mails < 3, maxIterations: 5, timeout: "1m" }, (body) => body.node("in", (s) => ({ mails: s.mails + 1 })))
  .loop("l2", { until: async (s, ctx) => s.approved || ctx.attempt > 1, maxIterations: 5 }, (body) => body.wait("nap", "1h"))
  .wait("w1", "42d")
  .wait("w2", 1_000)
  .wait("w3", { until: (s) => new Date(s.mails) })
  .wait("w4", { until: async () => "2026-12-24T18:00:00Z" })
  .wait("e1", { event: "deal.signed" })
  .wait("e2", { event: ["deal.signed", "deal.lost"], mode: "all", match: { deal: (s) => s.comment }, timeout: "3d", output: "comment" })
  .wait("e3", {
    event: "deal.signed",
    timeout: "3d",
    onTimeout: (arm) => arm.node("late", () => ({ mails: 0 })),
    output: { comment: "text" },
  })
  .human("h1", asked)
  .human("h2", { ...asked, prompt: (s) => `${s.comment}?`, timeout: "2d", default: { approved: false }, reminder: "1d" })
  .human("h3", { ...asked, timeout: "2d", onTimeout: (arm) => arm.node("escalate", () => ({ comment: "late" })) })
  .human("h4", { ...asked, timeout: "2d", onTimeout: null, approvers: { of: ["ann", "bob"], needed: 1 } })
  .node("c1", (s) => (s.approved ? end({ comment: "over" }) : sleep("1h", { mails: s.mails + 1 })))
  .node("c2", async (s) => (s.mails > 3 ? goto("h1") : { mails: 0 }))
  .node("n1", () => ({}), { retries: 3 })
  .node("n2", () => ({}), {
    retries: { attempts: 3, backoff: "2s", factor: 1, longest: "10s", jitter: 0, on: (error) => error instanceof Error },
  });

workflow("w", {
  state: Deal,
  triggers: { a: "event:deal.signed", b: { on: "event:self:deal.signed", filter: { region: "emea", hot: true } } },
});

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
// @ts-expect-error a loop needs a bound
deal().loop("l", { while: (s) => s.mails < 3 }, (body) => body.node("in", () => ({})));
// @ts-expect-error while or until
deal().loop("l", { maxIterations: 3 }, (body) => body.node("in", () => ({})));
// @ts-expect-error not both
deal().loop("l", { while: () => true, until: () => true, maxIterations: 3 }, (body) => body.node("in", () => ({})));
// @ts-expect-error a field that is not there
deal().loop("l", { while: (s) => s.nope, maxIterations: 3 }, (body) => body.node("in", () => ({})));
// @ts-expect-error a condition is true or false
deal().loop("l", { while: (s) => s.mails, maxIterations: 3 }, (body) => body.node("in", () => ({})));
// @ts-expect-error a body is a function
deal().loop("l", { while: () => true, maxIterations: 3 }, null);
// @ts-expect-error the body's node returns an unknown field
deal().loop("l", { while: () => true, maxIterations: 3 }, (body) => body.node("in", () => ({ nope: 1 })));
// @ts-expect-error the loop's name is taken inside it
deal().loop("l", { while: () => true, maxIterations: 3 }, (body) => body.node("l", () => ({})));
// @ts-expect-error no unit
deal().wait("w", "42");
// @ts-expect-error no such unit
deal().wait("w", "3 weeks");
// @ts-expect-error until is a function
deal().wait("w", { until: "2026-12-24T18:00:00Z" });
// @ts-expect-error until gives a time
deal().wait("w", { until: (s) => s.approved });
// @ts-expect-error the name is taken
deal().wait("w", "1d").wait("w", "1d");
// @ts-expect-error no prompt
deal().human("h", { answer: ["approved"] });
// @ts-expect-error no answer
deal().human("h", { prompt: "Well?" });
// @ts-expect-error a field that is not there
deal().human("h", { prompt: "Well?", answer: ["nope"] });
// @ts-expect-error the default's field is not there
deal().human("h", { ...asked, timeout: "1d", default: { nope: true } });
// @ts-expect-error the default's value has another type
deal().human("h", { ...asked, timeout: "1d", default: { approved: "yes" } });
// @ts-expect-error an arm gives back its steps
deal().human("h", { ...asked, timeout: "1d", onTimeout: () => ({ comment: "late" }) });
// @ts-expect-error approvers are named
deal().human("h", { ...asked, approvers: { needed: 2 } });
// @ts-expect-error no such option
deal().human("h", { ...asked, deadline: "1d" });
// @ts-expect-error retries are a number or options
deal().node("n", () => ({}), { retries: "3" });
// @ts-expect-error attempts are missing
deal().node("n", () => ({}), { retries: { backoff: "1s" } });
// @ts-expect-error no such option
deal().node("n", () => ({}), { retries: { attempts: 2, delay: "1s" } });
// @ts-expect-error an unknown field beside a sleep
deal().node("n", () => sleep("1h", { nope: 1 }));
// @ts-expect-error a field of another type beside an end
deal().node("n", () => end({ mails: "1" }));
// @ts-expect-error no duration
deal().node("n", () => sleep("soon"));

// @ts-expect-error a field that is not there
deal().wait("e", { event: "deal.signed", output: "nope" });
// @ts-expect-error a field that is not there
deal().wait("e", { event: "deal.signed", output: { nope: "text" } });
// @ts-expect-error a mode that is none
deal().wait("e", { event: "deal.signed", mode: "some" });
// @ts-expect-error a match is code
deal().wait("e", { event: "deal.signed", match: { deal: "a" } });
// @ts-expect-error a match reads the state
deal().wait("e", { event: "deal.signed", match: { deal: (s) => s.nope } });
// @ts-expect-error an event has a type
deal().wait("e", { timeout: "3d" });
// @ts-expect-error a filter has plain values
workflow("w", { state: Deal, triggers: { a: { on: "event:a", filter: { lead: { id: 1 } } } } });
