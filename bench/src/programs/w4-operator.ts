import { operator, workflow } from "openvibe";
import { z } from "zod";
import { toDraftPrompt, toLetterPrompt, toScore, toVerdict } from "../w4.ts";

const W4State = z.object({
  number: z.number().default(0),
  model_ms: z.number().default(0),
  notes: z.string().default(""),
  draft: z.string().default(""),
  score: z.number().default(0),
  letter: z.string().default(""),
  verdict: z.string().default(""),
});

// The time that the model takes stands before the prompt: the model of the benchmark reads it (bench-model.ts).
const w4 = workflow("w4", { state: W4State, trigger: "on_demand" })
  .llm("write_draft", { model: "haiku", user: (state) => `${state.model_ms}|${toDraftPrompt(state)}`, output: "draft" })
  .node("score_draft", (state) => ({ score: toScore(state) }))
  .llm("write_letter", { model: "haiku", user: (state) => `${state.model_ms}|${toLetterPrompt(state)}`, output: "letter" })
  .node("decide", (state) => ({ verdict: toVerdict(state) }));

export default operator("w4", { name: "The benchmark's work", workflows: [w4] });
