/** One operator in three versions, as a deployment replaces one by another: `OPENVIBE_TEST_VERSION` says which. */
import { operator, workflow } from "openvibe";
import { z } from "zod";
import { type RecordedContext, record } from "./node-record.ts";

const State = z.object({ number: z.number().default(0), ok: z.boolean().default(false), trail: z.array(z.string()).default([]) });

const visit = (name: string) => (state: { trail: string[] }, ctx: RecordedContext) => {
  record("start", name, ctx);
  record("finish", name, ctx);
  return { trail: [...state.trail, name] };
};

/** Waits for an answer behind `before`. */
const first = workflow("deploy", { state: State })
  .node("before", visit("before"))
  .human("ask", { prompt: "Go on?", answer: ["ok"] })
  .node("after", visit("after"));
/** Another ending: runs that wait can go on by it. */
const fitting = workflow("deploy", { state: State })
  .node("before", visit("before"))
  .human("ask", { prompt: "Go on?", answer: ["ok"] })
  .node("after", visit("after"))
  .node("then", visit("then"));
/** A step more before the question: they cannot. */
const unfitting = workflow("deploy", { state: State })
  .node("zero", visit("zero"))
  .node("before", visit("before"))
  .human("ask", { prompt: "Go on?", answer: ["ok"] })
  .node("after", visit("after"));

const VERSIONS = { first, fitting, unfitting } as const;
export type RollingVersion = keyof typeof VERSIONS;

export default operator("rolling", {
  name: "Rolling",
  workflows: [VERSIONS[(process.env.OPENVIBE_TEST_VERSION ?? "first") as RollingVersion]],
});
