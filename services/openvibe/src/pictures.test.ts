/** Our own Mermaid, drawn from the manifest alone, and LangGraph's, drawn from the graph that runs: of every operator they show the same edges. */
import { fileURLToPath } from "node:url";
import { listOperatorFiles, loadOperators } from "@openvibe/composition";
import { drawPlan, planWorkflow } from "@openvibe/graph";
import { drawMermaid } from "@openvibe/graph/plan";
import { expect, test } from "vitest";
import { SMALL } from "./spawn-node.fixture.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const operators = await loadOperators({ files: [...(await listOperatorFiles([], ROOT)), SMALL], cwd: ROOT, env: {} });
const workflows = operators.flatMap(({ manifest }) => manifest.workflows.map((workflow) => ({ operatorId: manifest.id, workflow })));

test.each(workflows.map((each) => [`${each.operatorId}.${each.workflow.id}`, each] as const))("%s", async (_, { operatorId, workflow }) => {
  const theirs = edgesOfLangGraph(await drawPlan(planWorkflow(operatorId, workflow)), workflow.steps[0]?.id ?? "");
  const ours = edgesOfOurs(drawMermaid({ id: operatorId, workflows: [workflow] }));

  expect(ours).toEqual(theirs);
  expect(ours.length).toBeGreaterThan(1);
});

test("there are workflows of several operators among them", () => {
  expect(new Set(workflows.map(({ operatorId }) => operatorId)).size).toBeGreaterThan(3);
});

/** LangGraph may begin at any step, where a run goes on after a crash: of those edges only the one to the first step is shown. */
function edgesOfLangGraph(mermaid: string, entry: string): readonly string[] {
  const edges = [...mermaid.matchAll(/^\t(\S+) (?:-->|-\.->) (\S+);$/gm)].map(([, from = "", to = ""]) => [nameOf(from), nameOf(to)]);
  return unique(edges.filter(([from, to]) => from !== "start" || to === entry));
}

function nameOf(node: string): string {
  return node === "__start__" ? "start" : node === "__end__" ? "end" : node.replace(/^step_/, "");
}

function edgesOfOurs(mermaid: string): readonly string[] {
  const names = new Map([...mermaid.matchAll(/^ {4}(w0_\d+)\W+"([^<]+)<br\/>/gm)].map(([, number = "", name = ""]) => [number, name]));
  const edges = [...mermaid.matchAll(/^ {4}(\S+) -->(?:\|"[^"]*"\|)? (\S+)$/gm)];
  return unique(edges.map(([, from = "", to = ""]) => [from, to].map((end) => names.get(end) ?? end.replace("w0_", ""))));
}

/** Two routes to one step are one edge there. */
function unique(edges: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(edges.map((edge) => edge.join(" -> ")))].toSorted();
}
