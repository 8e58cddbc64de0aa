/** What a decorator leaves on a method or a class for `@operator` to read. Symbols of the process: two copies of the library read each other's. */
import type { StepDraft } from "../draft.ts";

const STEP = Symbol.for("openvibe.decorators.step");
const WORKFLOW = Symbol.for("openvibe.decorators.workflow");
const DURABLE = Symbol.for("openvibe.decorators.durable");

/** A method that is a step. */
export interface StepMark {
  /** `@llmNode`: for messages. */
  readonly decorator: string;
  /** The step's id, where it is not the method's name. */
  readonly id: string | undefined;
  /** Label -> the methods of that arm: they stand right behind this one, and leave the main line. */
  readonly arms: ReadonlyMap<string, ArmMark>;
  toDraft(method: StepMethod, arms: ReadonlyMap<string, readonly StepDraft[]>): StepDraft;
}

export interface ArmMark {
  readonly methods: readonly string[];
  /** Whether a method that is not there is a fault: a route need not have one of its name. */
  readonly named: boolean;
}

/** A marked method, bound to its workflow. */
export interface StepMethod {
  readonly id: string;
  /** `class Hello, static Greet, method sayHello`. */
  readonly at: string;
  readonly run: (state: unknown, ctx: unknown) => unknown;
  /** A state of defaults only. */
  readonly openState: () => unknown;
}

export interface WorkflowMark {
  readonly id: string;
  readonly [option: string]: unknown;
}

export interface DurableMark {
  readonly maxDays: number;
}

export type Class = abstract new (...args: never[]) => object;
type Marked<T> = { readonly [key: symbol]: T | undefined };

export const markStep = (method: object, mark: StepMark) => set(method, STEP, mark);
export const markWorkflow = (workflowClass: object, mark: WorkflowMark) => set(workflowClass, WORKFLOW, mark);
export const markDurable = (workflowClass: object, mark: DurableMark) => set(workflowClass, DURABLE, mark);

export const findStep = (method: unknown) => get<StepMark>(method, STEP);
export const findWorkflow = (value: unknown) => get<WorkflowMark>(value, WORKFLOW);
export const findDurable = (value: unknown) => get<DurableMark>(value, DURABLE);

function set(target: object, key: symbol, value: unknown): void {
  Object.defineProperty(target, key, { value, configurable: true });
}

/** Its own: a class that extends a marked one is not marked. */
function get<T>(target: unknown, key: symbol): T | undefined {
  return typeof target === "function" && Object.hasOwn(target, key) ? (target as unknown as Marked<T>)[key] : undefined;
}
