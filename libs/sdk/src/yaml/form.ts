/** What a file of operators looks like: the check of a file and the editor's schema are both made of this. */
import { z } from "zod";
import { KINDS } from "./kinds/index.ts";
import { Duration, type DurationForm, Id, type NodeForm } from "./kinds/kind.ts";
import { StateForm } from "./state-form.ts";
import { TriggerForm } from "./trigger-form.ts";

const Nodes: z.ZodType<readonly NodeForm[]> = z.array(z.lazy(() => Node)).min(1, "needs at least one node");

const [first, ...others] = Object.values(KINDS).map((kind) => kind.form(Nodes));
const Node: z.ZodType<NodeForm> = z
  .discriminatedUnion("type", [first, ...others] as unknown as [z.ZodObject<{ type: z.ZodLiteral<string> }>], {
    error: `type must be one of ${Object.keys(KINDS).join(", ")}`,
  })
  .meta({ id: "Node", description: "One step of a workflow." }) as unknown as z.ZodType<NodeForm>;

const Workflow = z.strictObject({
  id: Id,
  description: z.string().optional().describe("For people."),
  trigger: TriggerForm.optional().describe("What starts it; on_demand by default. Its id is the workflow's."),
  triggers: z.record(Id, TriggerForm).optional().describe("Several triggers by their ids, in place of trigger."),
  timeout: Duration.optional().describe("Time for one pass through the graph, waits not counted."),
  durable: z
    .strictObject({ max_days: z.number().describe("How long a run may live, waits included.") })
    .optional()
    .describe("Bounds a run's life: then it is timed out, wherever it stands."),
  checkpointed: z.boolean().optional().describe("false: steps are not committed one by one; faster, and a run is lost with its worker."),
  state: StateForm.optional().describe("The state of this workflow, in place of the operator's."),
  nodes: Nodes.describe("The steps, in the order in which they run."),
});

const Answer = z.strictObject({
  workflow: Id.describe("The workflow that answers; the question's body is its input."),
  reply: z.array(z.string()).min(1).optional().describe("The fields of the output that are the reply; all by default."),
});

export const OperatorForm = z
  .strictObject({
    id: Id,
    name: z.string().regex(/\S/, "needs a name for people to read").describe('For people: "Revenue Operations".'),
    description: z.string().optional().describe("For people."),
    owner: z.string().optional().describe("Who answers for it."),
    output: z.string().optional().describe('Where its results are posted: "slack:#sales".'),
    state: StateForm.optional().describe("The state of all its workflows. Without one it follows from what the nodes read and write."),
    workflows: z.array(Workflow).min(1, "needs at least one workflow"),
    answers: z.record(Id, Answer).optional().describe("What it answers when other operators ask, by capability."),
  })
  .meta({ id: "Operator" });

export const OperatorsForm = z.strictObject({
  operators: z.array(OperatorForm).min(1, "needs at least one operator"),
});

export type OperatorForm = z.infer<typeof OperatorForm>;
export interface OperatorsForm {
  readonly operators: readonly OperatorForm[];
}
export type WorkflowForm = Omit<z.infer<typeof Workflow>, "timeout" | "nodes"> & {
  readonly timeout?: DurationForm;
  readonly nodes: readonly NodeForm[];
};
