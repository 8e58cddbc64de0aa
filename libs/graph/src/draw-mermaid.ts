import type { OperatorManifest, StepManifest, WorkflowManifest } from "@openvibe/core";
import { describeStep, describeTriggers, edgesOf } from "./drawing.ts";
import { type Position, planWorkflow } from "./plan.ts";

/**
 * An operator's workflows as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), drawn from the manifest alone. Steps have numbers for
 * ids, since words such as `end` mean something to Mermaid; their names are what is shown. @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function drawMermaid({ id, workflows }: Pick<OperatorManifest, "id" | "workflows">): string {
  return ["flowchart TD", ...workflows.flatMap((workflow, index) => drawWorkflow(id, workflow, `w${index}`))].join("\n");
}

function drawWorkflow(operatorId: string, workflow: WorkflowManifest, prefix: string): string[] {
  const title = `  subgraph ${prefix}[${quoted(`${workflow.id}: ${describeTriggers(workflow)}`)}]`;
  if (workflow.steps.length === 0) return [title, "  end"];
  const plan = planWorkflow(operatorId, workflow);
  const numbers = new Map([...plan.steps.keys()].map((step, index) => [step, `${prefix}_${index}`]));
  const nameOf = (position: Position, edge: "start" | "end") =>
    position === null ? `${prefix}_${edge}` : (numbers.get(position) ?? position);
  const nodes = [...plan.steps.values()].map((step) => `    ${nameOf(step.id, "end")}${shapeOf(step.manifest)}`);
  const edges = edgesOf(plan).map(({ from, to, route }) => {
    const arrow = route === undefined ? "-->" : `-->|${quoted(route)}|`;
    return `    ${nameOf(from, "start")} ${arrow} ${nameOf(to, "end")}`;
  });
  return [title, `    ${prefix}_start((start))`, ...nodes, `    ${prefix}_end((end))`, ...edges, "  end"];
}

function shapeOf(step: StepManifest): string {
  const label = quoted(`${step.id}<br/>${describeStep(step)}`);
  switch (step.kind) {
    case "branch":
      return `{${label}}`;
    case "loop":
      return `{{${label}}}`;
    case "wait":
      return `([${label}])`;
    case "human":
      return `[/${label}/]`;
    default:
      return `[${label}]`;
  }
}

/** Mermaid's own way to write what would end a text or begin an entity: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
function quoted(text: string): string {
  const escaped = text.replace(/["#;`]|<(?!br\/>)/g, (char) => `#${char.charCodeAt(0)};`).replace(/\s+/g, " ");
  return `"${escaped}"`;
}
