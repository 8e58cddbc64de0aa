/** A LangGraph graph as a step: checked by its shape, since this package loads no LangGraph. */
import {
  type BroughtGraph,
  findJsonFault,
  type GraphStepCode,
  type GraphStepManifest,
  isPlainObject,
  type JsonSchema,
  type Patch,
  parseDuration,
} from "@openvibe/core";
import type { z } from "zod";
import { checkOptions, definitionFault } from "./definition-fault.ts";
import type { GraphDraft, GraphSettings } from "./draft.ts";
import { copyJson } from "./json-copy.ts";
import { toJsonSchema } from "./json-schema.ts";
import { checkField, checkWhen, checkWhole } from "./load-checks.ts";
import type { StateSchema } from "./state-schema.ts";
import { describeDetails, toDetails } from "./zod-details.ts";

const OPTIONS = ["input", "output", "answer", "answerTimeout", "answerDefault", "recursionLimit", "timeout", "when"];

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileGraph(
  { name, graph, options }: GraphDraft,
  state: StateSchema,
  at: string,
): { readonly manifest: GraphStepManifest; readonly code: GraphStepCode } {
  checkGraph(graph, at);
  checkOptions(options, OPTIONS, at);
  const { input, output, recursionLimit, timeout, when } = options;
  checkWhen(when, at);
  if (input !== undefined && typeof input !== "function")
    throw definitionFault(at, "input must be a function of the state that gives the graph's input");
  if (typeof output === "string") checkField(output, state, `${at}, output`);
  else if (output !== undefined && typeof output !== "function")
    throw definitionFault(at, "output must be a field of the state, or a function of what the graph gave that gives the fields to change");
  checkWhole(recursionLimit, "recursionLimit", 1, 1_000_000, at);
  return {
    manifest: {
      kind: "graph",
      id: name,
      nodes: Object.keys(graph.nodes).filter((node) => !node.startsWith("__")),
      ...compileAnswer(options, at),
      ...(recursionLimit === undefined ? {} : { recursion_limit: recursionLimit }),
      ...(timeout === undefined ? {} : { timeout_ms: parseDuration(timeout, `${at}, timeout`) }),
      ...(when === undefined ? {} : { when: true }),
    },
    code: {
      kind: "graph",
      graph,
      input: input ?? ((given) => ({ ...given })),
      output: toOutput(output, state),
      ...(when === undefined ? {} : { when }),
    },
  };
}

function checkGraph(given: unknown, at: string): asserts given is BroughtGraph {
  const graph = given as { readonly [member: string]: unknown } | null | undefined;
  if (typeof graph?.compile === "function") throw definitionFault(at, "the graph is not compiled yet; give what .compile() returns");
  if (typeof graph?.stream !== "function" || typeof graph.nodes !== "object" || graph.nodes === null || typeof graph.channels !== "object")
    throw definitionFault(at, "needs a compiled LangGraph graph: what .compile() of a StateGraph returns");
  if (graph.checkpointer === false)
    throw definitionFault(at, "the graph is compiled with checkpointer: false, so it could not go on after a crash; compile it without");
  for (const option of ["interruptBefore", "interruptAfter"]) {
    const breakpoints = graph[option];
    if (Array.isArray(breakpoints) ? breakpoints.length > 0 : breakpoints !== undefined)
      throw definitionFault(
        at,
        `the graph is compiled with ${option}, breakpoints that ask nobody anything; call interrupt() in the node instead`,
      );
  }
}

type Answer = Pick<GraphStepManifest, "answer_schema" | "wait_ms" | "default_answer">;

function compileAnswer({ answer, answerTimeout, answerDefault }: GraphSettings, at: string): Answer {
  if (answerDefault !== undefined) {
    if (answerTimeout === undefined) throw definitionFault(at, "answerDefault needs an answerTimeout");
    checkDefault(answerDefault, answer, at);
  }
  return {
    ...(answer === undefined ? {} : { answer_schema: answerSchema(answer, at) }),
    ...(answerTimeout === undefined ? {} : { wait_ms: parseDuration(answerTimeout, `${at}, answerTimeout`) }),
    ...(answerDefault === undefined ? {} : { default_answer: copyJson(answerDefault) }),
  };
}

function checkDefault(given: unknown, answer: unknown, at: string): void {
  const fault = findJsonFault(given);
  if (fault !== undefined) throw definitionFault(at, `answerDefault at ${fault.pointer || "its top"}: ${fault.detail}`);
  if (!isSchema(answer)) return;
  const { success, error } = answer.safeParse(given);
  if (!success) throw definitionFault(at, `answerDefault is none of the answers: ${describeDetails(toDetails(error.issues))}`);
}

function answerSchema(answer: unknown, at: string): JsonSchema {
  if (!isSchema(answer)) throw definitionFault(at, "answer must be a zod schema of what people answer");
  let schema: JsonSchema;
  try {
    schema = toJsonSchema(answer, "input");
  } catch (cause) {
    throw definitionFault(at, "answer holds a schema that has no form in JSON", cause);
  }
  if (schema.type === "object") return schema;
  const { $schema: _, ...value } = schema;
  return { type: "object", properties: { value }, required: ["value"], additionalProperties: false };
}

function isSchema(given: unknown): given is z.ZodType {
  return typeof given === "object" && given !== null && "_zod" in given && "toJSONSchema" in given;
}

/** Without an output: the fields of the state that the graph's result has as well. */
function toOutput(output: GraphSettings["output"], { fields }: StateSchema): GraphStepCode["output"] {
  if (typeof output === "function") return output;
  if (typeof output === "string") return (result) => ({ [output]: result });
  return (result) => {
    if (!isPlainObject(result)) return {};
    const shared: Patch = Object.fromEntries(
      [...fields.keys()].filter((field) => Object.hasOwn(result, field)).map((field) => [field, result[field]]),
    );
    return shared;
  };
}
