import {
  didYouMean,
  findCodePlace,
  isPlainObject,
  type JsonObject,
  nearestNames,
  OpenVibeError,
  type OperatorDefinition,
} from "@openvibe/core";
import type { LlmProvider, LlmRequest } from "@openvibe/llm";
import { createScripted } from "@openvibe/llm/scripted";

/** What a model answers once: a text, JSON for a step with `outputs`, or the error of the call. */
export type Reply = string | JsonObject | Error;

/** The same each time, one after the other (one more is refused), or as code says. */
export type StepReplies = Reply | readonly Reply[] | ((prompt: Prompt) => Reply | Promise<Reply>);

/** By step: `score`, or `revenue_ops.score` where two operators have one. */
export type Replies = Readonly<Record<string, StepReplies>>;

/** What a model was asked, and by whom. */
export interface Prompt extends LlmRequest {
  readonly operatorId: string;
  readonly runId: string;
  readonly nodeId: string;
}

export interface ScriptedReplies {
  readonly llm: LlmProvider;
  /** Oldest first. */
  readonly prompts: readonly Prompt[];
}

/** Code of a workflow that runs behind its last step. */
const BESIDE_STEPS = ["on_complete"];

/** A model that answers each step as the test says. @throws OpenVibeError OV_DEFINITION_INVALID when a reply is for no step */
export function createReplies(replies: Replies, operators: readonly OperatorDefinition[]): ScriptedReplies {
  checkNames(replies, operators);
  const prompts: Prompt[] = [];
  const asked = new Map<string, number>();
  const llm = createScripted(async (request) => {
    const { operator_id: operatorId = "", run_id: runId = "", node_id: nodeId = "" } = findCodePlace() ?? {};
    const prompt = { ...request, operatorId, runId, nodeId };
    prompts.push(prompt);
    const name = [`${operatorId}.${nodeId}`, nodeId].find((each) => Object.hasOwn(replies, each));
    const said = name === undefined ? undefined : replies[name];
    if (name === undefined || said === undefined)
      throw noReply(`for step ${nodeId} of ${operatorId}; there are some for`, Object.keys(replies));
    const before = asked.get(name) ?? 0;
    asked.set(name, before + 1);
    return toAnswer(await nextReply(said, name, before, prompt));
  });
  return { llm, prompts };
}

async function nextReply(said: StepReplies, name: string, before: number, prompt: Prompt): Promise<Reply> {
  if (typeof said === "function") return await said(prompt);
  if (!isList(said)) return said;
  const reply = said[before];
  if (reply === undefined) throw noReply(`left for ${name}: it was asked ${before + 1} times, and has`, [`${said.length}`]);
  return reply;
}

function isList(said: StepReplies): said is readonly Reply[] {
  return Array.isArray(said);
}

function toAnswer(reply: Reply): string | Error {
  return typeof reply === "string" || reply instanceof Error ? reply : JSON.stringify(reply);
}

/** Of a kind that nobody asks twice for. */
function noReply(why: string, have: readonly string[]): OpenVibeError {
  return new OpenVibeError("OV_LLM_REQUEST_REFUSED", `the test has no reply ${why} ${have.join(", ") || "none"}`);
}

function checkNames(replies: Replies, operators: readonly OperatorDefinition[]): void {
  const steps = operators.flatMap(({ manifest, workflows }) =>
    [...BESIDE_STEPS, ...[...workflows.values()].flatMap(({ steps }) => [...steps.keys()])].flatMap((step) => [
      step,
      `${manifest.id}.${step}`,
    ]),
  );
  for (const [name, said] of Object.entries(replies)) {
    if (!steps.includes(name)) throw noStep(`replies.${name}`, name, steps);
    if (!isReply(said) && typeof said !== "function" && !(isList(said) && said.every(isReply)))
      throw new OpenVibeError(
        "OV_DEFINITION_INVALID",
        `replies.${name}: allowed is a text, JSON, an error, a list of these, or a function`,
      );
  }
}

function isReply(said: unknown): boolean {
  return typeof said === "string" || said instanceof Error || isPlainObject(said);
}

export function noStep(what: string, name: string, steps: readonly string[]): OpenVibeError {
  return new OpenVibeError(
    "OV_DEFINITION_INVALID",
    `${what}: the operators have no step ${JSON.stringify(name)}${didYouMean(nearestNames(name, steps))}`,
  );
}
