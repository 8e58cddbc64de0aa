/** The bodies of the API, for the OpenAPI document and for tests. Never on a request's way: what is sent is made by `toRunBody` and its kin. */
import { EVENT_TYPE_PATTERN, type JsonValue, RUN_STATUSES } from "@openvibe/core";
import { z } from "zod";
import { EVENT_ID_PATTERN, SOURCE_PATTERN } from "./outside-event.ts";

/** By its own name, not `z.json()`: a recursive schema without one would be called `__schema0` in the document. */
export const Json: z.ZodType<JsonValue> = z
  .lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(Json), z.record(z.string(), Json)]))
  .meta({ id: "Json", description: "Any JSON value." });

export const JsonObject = z.record(z.string(), Json);
export const Time = z.iso.datetime().describe("ISO 8601, UTC.");

const Tags = z
  .record(
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,63}$/),
    z.string().max(256).meta({ pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" }),
  )
  .meta({ id: "Tags", description: "Short texts by name.", maxProperties: 32 });

export const RunBody = z
  .object({
    run_id: z.string(),
    operator_id: z.string(),
    workflow_id: z.string(),
    trigger: z.string(),
    status: z.enum(RUN_STATUSES),
    input: JsonObject,
    output: JsonObject.describe("Every state field given as input or written by a node; empty before the end."),
    error: z.object({ code: z.string(), message: z.string(), node_id: z.string().optional() }).optional(),
    interrupt: z.object({ kind: z.enum(["human", "timer", "event", "child", "retry"]), node_id: z.string(), data: JsonObject }).optional(),
    parked: z
      .object({
        reason: z.string(),
        needs_version: z.string().describe("That the run goes by."),
        met_version: z.string().describe("Of the worker that met it last."),
        node_id: z.string().nullable().describe("The step that comes next; null behind the last."),
        since: Time,
      })
      .optional()
      .describe("No worker that has met it has a version that fits; it goes on as soon as one with such a version is there."),
    metrics: z.object({
      duration_seconds: z.number().describe("From the first claim to the end, waits included."),
      tokens_in: z.int(),
      tokens_out: z.int(),
      cache_read_tokens: z.int(),
      cache_write_tokens: z.int(),
      cost_usd: z.number().nullable().describe("null as soon as one call's price is unknown."),
      nodes_executed: z.int(),
      nodes_failed: z.int(),
      llm_calls: z.int(),
    }),
    parent_run_id: z.string().optional(),
    rerun_of: z.string().optional(),
    ignored_input: z.array(z.string()).describe("Input keys that are no state field."),
    attempt: z.int(),
    version: z.string().describe("Of the operator's definition that the run goes by."),
    tags: Tags,
    deadline: Time.optional().describe("When the run times out wherever it stands."),
    cancel_requested: z.literal(true).optional(),
    created_at: Time,
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
  })
  .meta({ id: "Run" });

export const AcceptedRunBody = RunBody.extend({
  warnings: z.array(z.string()).describe("no_worker: nobody serves the operator now; the run waits for somebody."),
}).meta({ id: "AcceptedRun" });

export const ActivationBody = z
  .strictObject({
    trigger: z.string().describe("Id of a trigger, or of a workflow."),
    input: JsonObject.optional().describe("Laid over the state's defaults."),
    tags: Tags.optional().describe("Kept with the run, to find it again: at most 32, names without a colon."),
    deadline: z.iso.datetime({ offset: true }).optional().describe("Not ended by then, the run is timed_out; a time to come (RFC 3339)."),
    priority: z.literal("normal").optional().describe("There is one lane, so that normal is all there is: it changes nothing."),
  })
  .meta({ id: "Activation", examples: [{ trigger: "greet", input: {} }] });

export const RerunBody = z
  .strictObject({
    from_step: z
      .string()
      .optional()
      .describe("Where to begin, with the state that this step saw the last time; at the first step without it."),
    state: JsonObject.optional().describe("State fields, laid over what the run begins with."),
    input: JsonObject.optional().describe("In place of the old run's input."),
    model: z.record(z.string(), z.string().min(1).max(200).regex(/\S/)).optional().describe("By step: the model that is asked."),
    prompt: z
      .record(z.string(), z.strictObject({ system: z.string().optional(), user: z.string().optional() }).meta({ minProperties: 1 }))
      .optional()
      .describe("By step: in place of what the step's own code says."),
  })
  .meta({ id: "Rerun", examples: [{ from_step: "write", model: { write: "opus" } }] });

export const AnswerBody = z
  .strictObject({
    answer: JsonObject.describe("Fits the schema in the run's interrupt."),
    by: z.string().min(1).max(200).regex(/\S/).optional().describe("Who answers; needed where the step names approvers."),
  })
  .meta({ id: "Answer" });

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

export const EventBody = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string().optional(),
    time: Time,
    datacontenttype: z.string(),
    operatorid: z.string().optional(),
    workflowid: z.string().optional(),
    runid: z.string().optional(),
    nodeid: z.string().optional(),
    sequence: z.int().optional().describe("Per run, from 0, without gaps."),
    data: JsonObject.optional().describe("Left out where `dataref` says where it is."),
    dataref: z.string().optional().describe("Address of data above 64 KB of JSON, kept as long as the event."),
  })
  .meta({ id: "Event", description: "CloudEvents 1.0, structured." });

/** As `parsePublishedType`: words joined by dots, none of OpenVibe's own. */
const PublishedType = z
  .string()
  .regex(new RegExp(EVENT_TYPE_PATTERN))
  .meta({ not: { pattern: "^(run|node|llm|context|operator|stream|subscription)[._]" }, examples: ["lead.replied"] });
const OutsideId = z.string().regex(new RegExp(EVENT_ID_PATTERN));
const Source = z.string().regex(new RegExp(SOURCE_PATTERN));

export const OutsideEventBody = z
  .strictObject({
    type: PublishedType,
    data: JsonObject.optional().describe("At most 64 KB of JSON."),
    id: OutsideId.optional().describe("Unique within the source: the same again is the same event. Made up when absent."),
    source: Source.optional().describe("Who publishes it; / when absent."),
    time: z.iso.datetime({ offset: true }).optional().describe("When it happened; now when absent."),
  })
  .meta({ id: "OutsideEvent", examples: [{ type: "lead.replied", data: { lead_id: "lead_1", text: "Yes, please." } }] });

export const CloudEventBody = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: OutsideId,
    source: Source,
    type: PublishedType,
    time: z.iso.datetime({ offset: true }).optional(),
    datacontenttype: z.literal("application/json").optional(),
    data: JsonObject.optional().describe("At most 64 KB of JSON."),
  })
  .meta({
    id: "CloudEvent",
    description: "CloudEvents 1.0, structured. Extensions are passed over, but for traceparent.",
    propertyNames: { pattern: "^[a-z0-9]{1,40}$" },
    examples: [
      {
        specversion: "1.0",
        id: "inv-7",
        source: "/billing",
        type: "invoice.paid",
        datacontenttype: "application/json",
        data: { deal: "d1" },
      },
    ],
  });

export const PublishedEventsBody = z
  .object({
    events: z.array(
      z.object({
        id: z.string().describe("The event's id in the log, made of its source and id."),
        type: z.string(),
        replayed: z.boolean().describe("It was there already."),
      }),
    ),
  })
  .meta({ id: "PublishedEvents" });

export const EventDataBody = JsonObject.meta({ id: "EventData" });

const StepRecordBody = z
  .object({
    node_id: z.string(),
    kind: z.enum(["llm", "node", "branch", "loop", "wait", "human", "graph", "run", "each"]),
    attempt: z.int().describe("Of the run: raised by each worker that takes it."),
    tries: z.int().describe("How often the step was tried within that attempt."),
    started_at: Time,
    duration_ms: z.number(),
    patch: JsonObject.describe("The state fields it wrote; empty where it failed."),
    skipped: z.literal(true).optional().describe("Its `when` did not hold: it was not run."),
    next: z.string().nullable().describe("The step after it; null at the end."),
    model: z.string().optional().describe("The model that answered last; absent where none was called, as are the next four."),
    llm_calls: z.int().optional(),
    tokens_in: z.int().optional(),
    tokens_out: z.int().optional(),
    cost_usd: z.number().nullable().optional().describe("US dollars; null when the price of a call is not known."),
    error: z.object({ code: z.string(), message: z.string(), node_id: z.string().optional() }).optional(),
  })
  .meta({ id: "StepRecord" });

export const HistoryBody = pageOf(StepRecordBody)
  .extend({
    run_id: z.string(),
    operator_id: z.string(),
    workflow_id: z.string(),
    status: z.enum(RUN_STATUSES),
    recorded: z.boolean().describe("false: the run has finished steps, and no history was kept of them (OPENVIBE_HISTORY)."),
    input: JsonObject.describe("What the patches are laid over, one after the other."),
    began_with: z
      .object({ from_step: z.string(), state: JsonObject })
      .optional()
      .describe("Of a rerun from a step: the patches are laid over this state instead."),
  })
  .meta({ id: "History" });

export const ContextEntryBody = z
  .object({ bucket: z.string(), key: z.string(), value: Json, revision: z.int(), updated_at: Time })
  .meta({ id: "ContextEntry" });

export const ContextKeyBody = z
  .object({
    key: z.string(),
    revision: z.int(),
    created_at: Time.describe("When this revision was written: the entry's updated_at."),
    size: z.int().describe("Bytes of the value's JSON."),
  })
  .meta({ id: "ContextKey" });

export const ContextWrittenBody = z.object({ bucket: z.string(), key: z.string(), revision: z.int() }).meta({ id: "ContextWritten" });

/** A page of a list; `next_cursor` asks for the next one, and is null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });
}
