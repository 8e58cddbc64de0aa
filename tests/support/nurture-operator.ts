/** A lead that is written to until somebody takes it over: a loop, a wait and a question to people, each surviving whatever dies meanwhile. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const Lead = z.object({
  mails: z.number().default(0),
  /** Pause between two mails, in milliseconds. */
  pause_ms: z.number().default(300),
  approved: z.boolean().default(false),
  comment: z.string().default(""),
  taken_by: z.string().default(""),
});

const nurture = workflow("nurture", { state: Lead, trigger: "on_demand" })
  .loop("chase", { while: (s) => s.mails < 2, maxIterations: 10 }, (body) =>
    body.node("mail", (s) => ({ mails: s.mails + 1 })).wait("cool_down", { until: (s, ctx) => ctx.now() + s.pause_ms }),
  )
  .human("hand_over", { prompt: (s) => `Take over after ${s.mails} mails?`, answer: ["approved", "comment"], timeout: "42d" })
  .branch("decide", (s) => (s.approved ? "yes" : "no"), {
    yes: (arm) => arm.node("assign", (s) => ({ taken_by: s.comment })),
    no: null,
  });

export default operator("nurture", { name: "Nurture", workflows: [nurture] });
