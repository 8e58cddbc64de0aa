import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import { askModel } from "./model.ts";

const State = Annotation.Root({
  number: Annotation<number>,
  model_ms: Annotation<number>,
  notes: Annotation<string>,
  draft: Annotation<string>,
  score: Annotation<number>,
  letter: Annotation<string>,
  verdict: Annotation<string>,
});

/** Four steps: a model, logic, a model, logic. Compiled once. */
export function compileGraph(checkpointer: BaseCheckpointSaver) {
  return new StateGraph(State)
    .addNode("write_draft", async ({ number, model_ms, notes }) => ({
      draft: await askModel(`Lead ${number}: ${notes.slice(0, 200)}`, model_ms),
    }))
    .addNode("score_draft", ({ number, draft }) => ({ score: (number * 7 + draft.length) % 101 }))
    .addNode("write_letter", async ({ score, model_ms, draft }) => ({
      letter: await askModel(`Score ${score}: ${draft}`, model_ms),
    }))
    .addNode("decide", ({ score, letter }) => ({ verdict: `${score > 50 ? "call" : "wait"} (${letter.length})` }))
    .addEdge(START, "write_draft")
    .addEdge("write_draft", "score_draft")
    .addEdge("score_draft", "write_letter")
    .addEdge("write_letter", "decide")
    .addEdge("decide", END)
    .compile({ checkpointer });
}
