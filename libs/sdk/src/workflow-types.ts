import type { AnyOperator, JsonObject, OperatorClass } from "@openvibe/core";
import type { z } from "zod";
import type { AnyWorkflow } from "./any-workflow.ts";
import type { FieldsOf } from "./decorators/method-types.ts";
import type { Operator } from "./operator.ts";

type TypesOf<W> = W extends { readonly "~types"?: infer T } ? NonNullable<T> : never;

/** A workflow's input: every field may be left out; `undefined` counts as not given. */
export type InputOf<W> = TypesOf<W> extends { readonly input: infer In } ? { readonly [K in keyof In]?: In[K] | undefined } : never;

/** A workflow's result: every state field that was given as input or written by a step. */
export type OutputOf<W> = TypesOf<W> extends { readonly state: infer S } ? { readonly [K in keyof S]?: Exclude<S[K], undefined> } : never;

type WorkflowsOf<Op> = Op extends Operator<string, infer W extends readonly AnyWorkflow[]> ? W[number] : never;

/** What a class with `@operator` holds: its fields, and those of its `static state`. A decorator's words are no types, so its classes share them. */
type ClassFields<C extends OperatorClass> = FieldsOf<InstanceType<C>> & (C extends { readonly state: z.ZodType<infer S> } ? S : unknown);
type ClassInput<C extends OperatorClass> = { readonly [K in keyof ClassFields<C>]?: ClassFields<C>[K] | undefined };
type ClassOutput<C extends OperatorClass> = { readonly [K in keyof ClassFields<C>]?: Exclude<ClassFields<C>[K], undefined> };

/** The workflow of this id that a class holds as a value (`static Chase = workflow("chase", …)`): its own type tells its id and state. */
type ValueIn<C extends OperatorClass, Id> = string extends Id ? never : Extract<C[keyof C], AnyWorkflow & { readonly id: Id }>;

/** The ids of an operator's workflows; any text where the operator's type does not tell (a class, YAML). */
export type WorkflowIds<Op extends AnyOperator> = [WorkflowsOf<Op>] extends [never] ? string : WorkflowsOf<Op>["id"];

/** The input of one workflow of an operator; any JSON object where the operator's type does not tell. */
export type WorkflowInput<Op extends AnyOperator, Id extends WorkflowIds<Op>> = Op extends OperatorClass
  ? [ValueIn<Op, Id>] extends [never]
    ? ClassInput<Op>
    : InputOf<ValueIn<Op, Id>>
  : [WorkflowsOf<Op>] extends [never]
    ? JsonObject
    : InputOf<Extract<WorkflowsOf<Op>, { readonly id: Id }>>;

/** The result of one workflow of an operator; any JSON object where the operator's type does not tell. */
export type WorkflowOutput<Op extends AnyOperator, Id extends WorkflowIds<Op>> = Op extends OperatorClass
  ? [ValueIn<Op, Id>] extends [never]
    ? ClassOutput<Op>
    : OutputOf<ValueIn<Op, Id>>
  : [WorkflowsOf<Op>] extends [never]
    ? JsonObject
    : OutputOf<Extract<WorkflowsOf<Op>, { readonly id: Id }>>;
