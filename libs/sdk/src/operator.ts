import { manifestVersion, type OperatorDefinition, type OperatorManifest } from "@openvibe/core";
import { type AnswersOf, compileAnswers } from "./answers.ts";
import type { AnyWorkflow } from "./any-workflow.ts";
import { checkNamedChildren } from "./compile-children.ts";
import { type CompiledWorkflow, compileWorkflow } from "./compile-workflow.ts";
import { checkId, checkOptions, definitionFault, shown } from "./definition-fault.ts";
import { DRAFT } from "./draft.ts";
import { deepFreeze } from "./json-copy.ts";
import { compileHooks, type KnownHooks, type OperatorHooks } from "./operator-hooks.ts";
import type { StateSchema } from "./state-schema.ts";

export interface OperatorOptions<W extends readonly AnyWorkflow[]> {
  /** For people: "Revenue Operations". */
  readonly name: string;
  readonly description?: string;
  /** Who answers for it: "VP Sales". */
  readonly owner?: string;
  /** Where its results are posted: "slack:#sales-agents". */
  readonly output?: string;
  readonly workflows: W;
  /** What it answers when other operators ask: capability -> workflow. */
  readonly answers?: AnswersOf<NoInfer<W>>;
  /** What is called in the worker when a run of it comes to something, by event type. */
  readonly on?: OperatorHooks;
}

/** A definition that also knows, for the compiler, its ids, inputs and results. */
export interface Operator<Id extends string, W extends readonly AnyWorkflow[]> extends OperatorDefinition {
  readonly id: Id;
  /** For types only; no value has it. */
  readonly "~types"?: { readonly workflows: W };
}

const OPTIONS = ["name", "description", "owner", "output", "workflows", "answers", "on"];

/**
 * Collects workflows into an operator and checks all of it.
 * @throws OpenVibeError OV_DEFINITION_INVALID, naming operator, workflow and step
 *
 * @example
 * export default operator("hello", { name: "Hello World", workflows: [greet] });
 */
export function operator<const Id extends string, const W extends readonly AnyWorkflow[], H extends string = never>(
  id: Id,
  options: OperatorOptions<W> & { readonly on?: KnownHooks<H> },
): Operator<Id, W> {
  const at = `operator ${shown(id)}`;
  checkId(id, at);
  checkOptions(options, OPTIONS, at);
  if (typeof options.name !== "string" || options.name.trim() === "") throw definitionFault(at, "needs a name for people to read");
  const compiled = compileWorkflows(options.workflows, at);
  checkTriggerIds(compiled, at);
  const answers = compileAnswers(options.answers ?? {}, new Set(compiled.map(({ manifest }) => manifest.id)), at);
  const manifest: OperatorManifest = deepFreeze({
    id,
    name: options.name,
    ...textsOf(options),
    workflows: compiled.map(({ manifest }) => manifest),
    answers: Object.fromEntries([...answers].map(([capability, { workflowId }]) => [capability, workflowId])),
  });
  return Object.freeze({
    id,
    manifest,
    version: manifestVersion(manifest),
    workflows: new Map(compiled.map(({ manifest, code }) => [manifest.id, code])),
    answers,
    ...(options.on === undefined ? {} : { hooks: compileHooks(options.on, at) }),
  });
}

function textsOf({
  description,
  owner,
  output,
}: OperatorOptions<readonly AnyWorkflow[]>): Partial<Pick<OperatorManifest, "description" | "owner" | "output">> {
  return {
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
    ...(output === undefined ? {} : { output }),
  };
}

function compileWorkflows(workflows: readonly AnyWorkflow[], at: string): readonly CompiledWorkflow[] {
  if (!Array.isArray(workflows) || workflows.length === 0) throw definitionFault(at, "has no workflows");
  const schemas = new Map<unknown, StateSchema>();
  const ids = new Map<string, symbol>();
  const compiled = workflows.map((workflow: Partial<AnyWorkflow> | undefined, index) => {
    const draft = workflow?.[DRAFT];
    if (draft === undefined) throw definitionFault(at, `workflows[${index}] is not what workflow(…) gives`);
    if (ids.has(draft.id))
      throw definitionFault(`${at}, workflow ${shown(draft.id)}`, "the id is taken by another workflow of this operator");
    ids.set(draft.id, draft.origin);
    return compileWorkflow(draft, at, schemas);
  });
  checkNamedChildren(
    compiled.flatMap(({ named }) => named),
    ids,
  );
  return compiled;
}

/** An activation names a trigger or a workflow, so one word must not mean two workflows. */
function checkTriggerIds(compiled: readonly CompiledWorkflow[], at: string): void {
  const owners = new Map(compiled.map(({ manifest }) => [manifest.id, manifest.id]));
  for (const { manifest } of compiled) {
    for (const trigger of manifest.triggers) {
      const other = owners.get(trigger.id);
      if (other !== undefined && other !== manifest.id)
        throw definitionFault(
          `${at}, workflow ${manifest.id}, trigger ${trigger.id}`,
          `the id is taken by workflow ${other} or one of its triggers`,
        );
      owners.set(trigger.id, manifest.id);
    }
  }
}
