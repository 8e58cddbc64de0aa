/** Works with the mix under kills: it is asked, and events of the mix start it by two triggers. */
import { operator, workflow } from "openvibe";
import { z } from "zod";
import { recorded } from "./node-record.ts";

const Caused = z.object({
  /** The run that asked, or that published the event. */
  by: z.string().default(""),
  /** Tells the questions of one run apart. */
  say: z.string().default(""),
  pause_ms: z.number().default(20),
});

const answer = workflow("answer", { state: Caused }).node("answer", (s, ctx) => recorded("answer", s.pause_ms, ctx));
const hear = workflow("hear", {
  state: Caused,
  triggers: { told_by_any: "event:mix.told", told_by_mix: "event:mix:mix.told" },
}).node("hear", (s, ctx) => recorded("hear", s.pause_ms, ctx));

export default operator("partner", {
  name: "Partner",
  workflows: [answer, hear],
  answers: {
    answer: { workflow: "answer", input: (body) => z.record(z.string(), z.json()).parse(body), reply: (run) => run.output.say ?? "" },
  },
});
