/** The operator that is fuzzed: a step that returns whatever its input says, one that asks people, one that waits, a loop, and an answer on the bus. */
import { operator, workflow } from "openvibe";
import { z } from "zod";

const State = z.object({
  /** JSON, to be returned as a patch. */
  text: z.string().default(""),
  number: z.number().default(0),
  flag: z.boolean().default(false),
  list: z.array(z.string()).default([]),
  anything: z.json().default(null),
});

const shape = workflow("shape", { state: State }).node("shape", ({ text }) => JSON.parse(text) as object);
const nap = workflow("nap", { state: State }).wait("nap", "30d");
const ask = workflow("ask", { state: State }).human("ask", { prompt: (s) => s.text, answer: ["flag", "text"], timeout: "30d" });
const board = workflow("board", { state: State }).human("ask", {
  prompt: "Well?",
  answer: ["flag", "anything"],
  approvers: { of: ["ann", "bob", "cid"], needed: 2 },
});
const chase = workflow("chase", { state: State }).loop("again", { while: (s) => s.number > 0, maxIterations: 20 }, (body) =>
  body.node("one_less", (s) => ({ number: s.number - 1 })),
);

export default operator("fuzz", {
  name: "Fuzz",
  workflows: [shape, nap, ask, board, chase],
  answers: { shape: { workflow: "shape", input: (body) => body as Record<string, never>, reply: (run) => run.output } },
});
