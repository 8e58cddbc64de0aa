import { armOf, isArm, type OperatorManifest, type RouteManifest, type StepManifest, type WorkflowManifest } from "@openvibe/core";
import { describeStep, describeTriggers } from "./drawing.ts";
import { armsOf } from "./plan.ts";

/** An operator's workflows as trees of text, for a terminal. */
export function drawText({ workflows }: Pick<OperatorManifest, "workflows">): string {
  return workflows.map(drawWorkflow).join("\n\n");
}

interface Line {
  readonly text: string;
  readonly said?: string;
}

function drawWorkflow(workflow: WorkflowManifest): string {
  const lines = drawChain(workflow.steps, "");
  const width = Math.max(0, ...lines.filter(({ said }) => said !== undefined).map(({ text }) => text.length));
  const body = lines.map(({ text, said }) => (said === undefined ? text : `${text.padEnd(width)}  ${said}`));
  return [`${workflow.id}  ${describeTriggers(workflow)}`, ...body].join("\n");
}

function drawChain(steps: readonly StepManifest[], indent: string): Line[] {
  return steps.flatMap((step, index) => {
    const last = index === steps.length - 1;
    const below = `${indent}${last ? "   " : "│  "}`;
    return [{ text: `${indent}${last ? "└─" : "├─"} ${step.id}`, said: describeStep(step) }, ...drawArms(step, below)];
  });
}

/** Empty arms go on behind the step: of a loop that is no news. */
function drawArms(step: StepManifest, indent: string): Line[] {
  const arms = Object.entries(armsOf(step) ?? {}).filter(([, arm]) => step.kind === "branch" || armOf(arm).length > 0);
  return arms.flatMap(([route, arm], index) => {
    const last = index === arms.length - 1;
    const text = `${indent}${last ? "└" : "├"}╴${route}`;
    if (!isArm(arm) || arm.length === 0) return [{ text: `${text}: ${wherever(arm)}` }];
    return [{ text: `${text}:` }, ...drawChain(arm, `${indent}${last ? "   " : "│  "}`)];
  });
}

/** A route without steps of its own. */
function wherever(route: RouteManifest): string {
  if (isArm(route)) return "goes on";
  return "goto" in route ? `goes to ${route.goto}` : "ends the run";
}
