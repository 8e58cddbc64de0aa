import { isOpenVibeError, isPlainObject, OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import type { AnswerOf } from "../answers.ts";
import type { AnyWorkflow } from "../any-workflow.ts";
import { DRAFT, type StepDraft, type TriggerSettings, type WorkflowDraft, type WorkflowSettings } from "../draft.ts";
import { type Operator, operator } from "../operator.ts";
import { parseExpression } from "./expression.ts";
import { FieldUses, meant } from "./field-uses.ts";
import type { OperatorForm, WorkflowForm } from "./form.ts";
import { type HandlerTable, handlerKey } from "./handlers.ts";
import { KINDS } from "./kinds/index.ts";
import type { Into, NodeForm } from "./kinds/kind.ts";
import { type PromptText, parsePrompt } from "./prompt.ts";
import { refuseTwice, twice } from "./refuse-twice.ts";
import { type Path, valueAt, type YamlSource } from "./source.ts";
import { inferState, toStateSchema, usesOf } from "./state-form.ts";
import { parseTemplate } from "./template.ts";
import { readTrigger, type TriggerForm } from "./trigger-form.ts";

export interface OperatorParts {
  /** What the files hold that nodes name, by that name. */
  readonly prompts: ReadonlyMap<string, PromptText>;
  readonly handlers: HandlerTable;
}

/** Reads one operator: nodes become the drafts that the chain of values makes, and the rest is `operator`'s. */
export class OperatorReader {
  readonly #form: OperatorForm;
  readonly #path: Path;
  readonly #source: YamlSource;
  readonly #parts: OperatorParts;
  /** `workflow/node` -> where it stands. */
  readonly #nodes = new Map<string, Path>();

  constructor(form: OperatorForm, path: Path, source: YamlSource, parts: OperatorParts) {
    this.#form = form;
    this.#path = path;
    this.#source = source;
    this.#parts = parts;
  }

  read(): OperatorDefinition {
    const { id, name, description, owner, output } = this.#form;
    const workflows = this.#form.workflows as unknown as readonly WorkflowForm[];
    refuseTwice(workflows, [...this.#path, "workflows"], "workflow", this.#source);
    const drafts = workflows.map((workflow, index) => this.#workflow(workflow, [...this.#path, "workflows", index]));
    try {
      const definition = operator(id, {
        name,
        ...(description === undefined ? {} : { description }),
        ...(owner === undefined ? {} : { owner }),
        ...(output === undefined ? {} : { output }),
        workflows: drafts,
        answers: this.#answers(),
      }) as Operator<string, readonly AnyWorkflow[]>;
      this.#checkReplies(definition);
      return definition;
    } catch (error) {
      throw this.#placed(error);
    }
  }

  #workflow(form: WorkflowForm, path: Path): AnyWorkflow {
    const uses = new FieldUses();
    const state = form.state ?? this.#form.state;
    const statePath = form.state === undefined ? [...this.#path, "state"] : [...path, "state"];
    const steps = form.nodes.map((node, index) =>
      this.#node(node, [...path, "nodes", index], { form, uses, declared: state !== undefined }),
    );
    if (state !== undefined) uses.check(usesOf(state));
    const { id, description, trigger, triggers, timeout, durable, checkpointed } = form;
    const draft: WorkflowDraft = {
      id,
      options: {
        state: state === undefined ? inferState(uses, this.#source, path) : toStateSchema(state, this.#source, statePath),
        ...(description === undefined ? {} : { description }),
        ...(trigger === undefined ? {} : { trigger: this.#trigger(trigger, `${id}, trigger ${id}`, [...path, "trigger"]) }),
        ...(triggers === undefined ? {} : { triggers: this.#triggers(triggers, id, [...path, "triggers"]) }),
        ...(timeout === undefined ? {} : { timeout }),
        ...(durable === undefined ? {} : { durable: { maxDays: durable.max_days } }),
        ...(checkpointed === undefined ? {} : { checkpointed }),
      },
      steps,
      origin: Symbol(id),
    };
    return { id, [DRAFT]: draft };
  }

  #triggers(forms: NonNullable<WorkflowForm["triggers"]>, workflowId: string, path: Path): NonNullable<WorkflowSettings["triggers"]> {
    return Object.fromEntries(
      Object.entries(forms).map(([id, form]) => [id, this.#trigger(form, `${workflowId}, trigger ${id}`, [...path, id])]),
    );
  }

  #trigger(form: TriggerForm, at: string, path: Path): string | TriggerSettings {
    return readTrigger(form, `operator ${this.#form.id}, workflow ${at}`, (...inner) => this.#source.spot([...path, ...inner]));
  }

  #node(node: NodeForm, path: Path, workflow: Reading): StepDraft {
    const key = `${workflow.form.id}/${node.id}`;
    const other = this.#nodes.get(key);
    if (other !== undefined) throw twice("node", node.id, this.#source.spot([...path, "id"]), this.#source.spot([...other, "id"]));
    this.#nodes.set(key, path);
    const kind = KINDS[node.type];
    if (kind === undefined) throw this.#source.spot(path).fault(`there is no node of type ${node.type}`);
    return kind.draft(node, this.#into(node, path, workflow));
  }

  #into(node: NodeForm, path: Path, workflow: Reading): Into {
    const { uses, declared, form } = workflow;
    const spot: Into["spot"] = (...inner) => this.#source.spot([...path, ...inner]);
    const operatorId = this.#form.id;
    const at = `operator ${operatorId}, workflow ${form.id}, node ${node.id}`;
    return {
      uses,
      declared,
      spot,
      template: (text, ...inner) => parseTemplate(text, uses, () => spot(...inner)),
      condition: (text, ...inner) => parseExpression(text, uses, () => spot(...inner)),
      promptFile: () => {
        const file = String((node as unknown as { readonly prompt_file: string }).prompt_file);
        const found = this.#parts.prompts.get(file);
        if (found === undefined) throw spot("prompt_file").fault("there are no files here: give prompt and system instead of prompt_file");
        return found;
      },
      prompt: (text) => parsePrompt(text, uses),
      handler: () => this.#parts.handlers.get(handlerKey(operatorId, form.id, node.id)),
      howToRegister:
        `(${at}) export default { ${operatorId}: { ${form.id}: { ${node.id}: (state, ctx) => … } } } from logic_handlers.ts beside the file, ` +
        `or runtime.handler("${operatorId}", "${form.id}", "${node.id}", (state, ctx) => …)`,
      drafts: (nodes, ...inner) => nodes.map((each, index) => this.#node(each, [...path, ...inner, index], workflow)),
    };
  }

  #answers(): Readonly<Record<string, AnswerOf<AnyWorkflow>>> {
    return Object.fromEntries(
      Object.entries(this.#form.answers ?? {}).map(([capability, { workflow, reply }]) => {
        const path = [...this.#path, "answers", capability, "workflow"];
        const ids = this.#form.workflows.map(({ id }) => id);
        if (!ids.includes(workflow)) throw this.#source.spot(path).fault(`there is no workflow ${workflow}; ${meant(workflow, ids)}`);
        const answer = {
          workflow,
          input: (body: unknown) => {
            if (isPlainObject(body)) return body;
            throw new OpenVibeError(
              "OV_REQUEST_INVALID",
              `${this.#form.id}.${capability}: the body must be an object of the workflow's fields`,
            );
          },
          reply: (run: { readonly output: Readonly<Record<string, unknown>> }) =>
            reply === undefined ? run.output : Object.fromEntries(reply.map((field) => [field, run.output[field] ?? null])),
        };
        return [capability, answer as unknown as AnswerOf<AnyWorkflow>];
      }),
    );
  }

  #checkReplies({ manifest }: OperatorDefinition): void {
    for (const [capability, { workflow, reply = [] }] of Object.entries(this.#form.answers ?? {})) {
      const fields = manifest.workflows.find(({ id }) => id === workflow)?.state_fields ?? [];
      for (const [index, field] of reply.entries())
        if (!fields.includes(field))
          throw this.#source
            .spot([...this.#path, "answers", capability, "reply", index])
            .fault(`${JSON.stringify(field)} is not a field of the state; ${meant(field, fields)}`);
    }
  }

  /** What the value spelling refuses, where that stands in the file: its sentences name workflow and step. */
  #placed(error: unknown): unknown {
    if (!isOpenVibeError(error, "OV_DEFINITION_INVALID") || error.message.includes("\n")) return error;
    const workflowId = /, workflow ([a-z0-9_-]+)/.exec(error.message)?.[1];
    const steps = [...error.message.matchAll(/, step ([a-z0-9_-]+)/g)].map((match) => match[1]);
    const node = this.#nodes.get(`${workflowId}/${steps.at(-1)}`);
    const workflow = this.#form.workflows.findIndex(({ id }) => id === workflowId);
    const path = node ?? (workflow < 0 ? this.#path : [...this.#path, "workflows", workflow]);
    return this.#source.spot(this.#nearer(path, error.message)).fault(error.message, error);
  }

  /** The key that the sentence is about, where it says so behind a comma: `…, timeout: …`. */
  #nearer(path: Path, message: string): Path {
    const words = [...message.matchAll(/(?:, |: )([a-zA-Z]+)/g)].map((match) => toSnake(match[1] ?? ""));
    const node = valueAt(this.#source.value, path);
    const route = /, route "([^"]+)"/.exec(message)?.[1];
    if (route !== undefined) return [...path, "routes", route, "goto"];
    const key = isPlainObject(node) ? words.findLast((word) => word !== "id" && word in node && word !== "workflow") : undefined;
    return key === undefined ? path : [...path, key];
  }
}

interface Reading {
  readonly form: WorkflowForm;
  readonly uses: FieldUses;
  readonly declared: boolean;
}

function toSnake(word: string): string {
  return word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
