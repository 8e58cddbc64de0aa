/** The bodies of operators: what is posted, what is told of them, the picture of their workflows. */
import { z } from "zod";
import { Time } from "./json.ts";

const Trigger = z.object({ id: z.string(), on: z.string() });
const Instances = z
  .array(
    z.object({
      id: z.string(),
      version: z.string().describe("Of the operator, as this instance has it."),
      capabilities: z.array(z.string()).describe("What it answers over the bus."),
      since: z.string().describe("When it began to serve; ISO 8601, UTC."),
      last_heartbeat: z.string(),
    }),
  )
  .nullable()
  .describe("The same instances with what each of them says; null when that is not known.");
const Workers = z.array(z.string()).nullable().describe("Instances that serve the operator now; null when that is not known.");
const Posted = z.boolean().describe("It came over POST /v1/operators, and no code defines it.");

/** What the document holds is the business of `@openvibe/sdk/yaml`, whose schema is served at `/v1/schemas/operators.json`. */
const OneOperator = z.looseObject({ id: z.string() });
export const OperatorDocument = z.union([OneOperator, z.looseObject({ operators: z.array(OneOperator).min(1).max(1) })]).meta({
  id: "OperatorDocument",
  description: "An operator, or operators with one entry; /v1/schemas/operators.json says what it holds.",
});

export const OperatorSummary = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    version: z.string(),
    registered_at: Time,
    posted: Posted,
    workers: Workers,
    capabilities: z.array(z.string()).describe("What it answers over the bus."),
    workflows: z.array(z.object({ id: z.string(), triggers: z.array(Trigger) })),
  })
  .meta({ id: "OperatorSummary" });

export const OperatorBody = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    registered_at: Time,
    posted: Posted,
    workers: Workers,
    instances: Instances,
    workflows: z.array(
      z.looseObject({
        id: z.string(),
        triggers: z.array(Trigger),
        input_schema: z.record(z.string(), z.unknown()),
        state_fields: z.array(z.string()),
        steps: z.array(
          z.looseObject({ id: z.string(), kind: z.enum(["llm", "node", "branch", "loop", "wait", "human", "graph", "run", "each"]) }),
        ),
      }),
    ),
    answers: z.record(z.string(), z.string()),
  })
  .meta({ id: "Operator" });

export const GraphBody = z
  .object({
    operator_id: z.string(),
    version: z.string(),
    workflows: z.array(
      z.object({
        id: z.string(),
        triggers: z.array(Trigger),
        steps: z.array(z.object({ id: z.string(), kind: z.string(), description: z.string() })),
        edges: z.array(
          z.object({
            from: z.string().nullable().describe("null: the start."),
            to: z.string().nullable().describe("null: the end."),
            route: z.string().optional(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "Graph" });
