/** An operator that believes a model: one step takes JSON, one takes text, one lets the model's word choose the way. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const State = z.object({
  /** Names the case, so that whoever plays the model knows what to answer. */
  case: z.string().default(""),
  fit_score: z.int().min(0).max(100).default(0),
  reason: z.string().default(""),
  note: z.string().default(""),
});

const ask = (step: string) => (state: Readonly<z.output<typeof State>>) => `case ${state.case}\nstep ${step}`;

const judge = workflow("judge", { state: State }).llm("judge", { model: "haiku", user: ask("judge"), outputs: ["fit_score", "reason"] });
const say = workflow("say", { state: State }).llm("say", { model: "haiku", user: ask("say"), output: "note" });
const choose = workflow("choose", { state: State })
  .llm("say", { model: "haiku", user: ask("say"), output: "note" })
  .branch("way", ({ note }) => note as "left" | "right", { left: null, right: null });

export default operator("answers", { name: "Answers", workflows: [judge, say, choose] });
