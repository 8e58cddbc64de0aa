import {
  ACTIVATE,
  type AnswerCode,
  findJsonFault,
  isPlainObject,
  type JsonValue,
  OpenVibeError,
  type ProblemCode,
  type Run,
  type WorkflowId,
} from "@openvibe/core";
import type { AnyWorkflow } from "./any-workflow.ts";
import { checkId, checkOptions, definitionFault, shown } from "./definition-fault.ts";
import { copyJson, copyJsonObject } from "./json-copy.ts";
import type { InputOf, OutputOf } from "./workflow-types.ts";

/** JSON in which a property may be `undefined`: such a property is left out. */
export type LooseJson = string | number | boolean | null | undefined | readonly LooseJson[] | { readonly [key: string]: LooseJson };

/** A completed run of `W`, its result typed. */
export type CompletedRun<W> = Omit<Run, "output"> & { readonly output: OutputOf<W> };

/** How a question is answered by one workflow of the operator. */
export type AnswerOf<W> = W extends AnyWorkflow
  ? {
      readonly workflow: W["id"];
      /** Turns the question's body into the workflow's input; what it throws is the answer's error. */
      readonly input: (body: JsonValue) => InputOf<W>;
      /** Turns the completed run into the reply. */
      readonly reply: (run: CompletedRun<W>) => LooseJson;
    }
  : never;

export type AnswersOf<W extends readonly AnyWorkflow[]> = Readonly<Record<string, AnswerOf<W[number]>>>;

interface AnswerDraft {
  readonly workflow: string;
  readonly input: (body: JsonValue) => unknown;
  readonly reply: (run: Run) => unknown;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileAnswers(answers: object, workflowIds: ReadonlySet<WorkflowId>, operatorAt: string): ReadonlyMap<string, AnswerCode> {
  return new Map(
    Object.entries(answers).map(([capability, answer]: [string, AnswerDraft]) => {
      const at = `${operatorAt}, answer ${shown(capability)}`;
      checkId(capability, at);
      if (capability === ACTIVATE)
        throw definitionFault(at, "starts a run of any operator, and is answered by OpenVibe: take another name");
      checkOptions(answer, ["workflow", "input", "reply"], at);
      if (!workflowIds.has(answer.workflow))
        throw definitionFault(at, `there is no workflow ${shown(answer.workflow)}; allowed are ${[...workflowIds].join(", ")}`);
      if (typeof answer.input !== "function" || typeof answer.reply !== "function")
        throw definitionFault(at, "needs the functions input and reply");
      return [capability, toCode(answer, at)] as const;
    }),
  );
}

function toCode({ workflow, input, reply }: AnswerDraft, at: string): AnswerCode {
  return {
    workflowId: workflow,
    input(body) {
      const given = input(body);
      if (!isPlainObject(given)) throw new OpenVibeError("OV_INPUT_INVALID", `${at}: input must give an object of the workflow's input`);
      checkPlain(given, "OV_INPUT_INVALID", `${at}: input gave what is no JSON`);
      return copyJsonObject(given);
    },
    reply(run) {
      const given = reply(run) ?? null;
      checkPlain(given, "OV_JSON_INVALID", `${at}: reply gave what is no JSON`);
      return copyJson(given);
    },
  };
}

function checkPlain(value: unknown, code: ProblemCode, what: string): void {
  const fault = findJsonFault(value);
  if (fault === undefined) return;
  const { pointer, detail } = fault;
  throw new OpenVibeError(code, `${what} at ${pointer === "" ? "its top" : pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
