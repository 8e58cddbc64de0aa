import { type Control, isControl, type NodeContext } from "@openvibe/core";
import type { z } from "zod";
import {
  type BranchDraft,
  DRAFT,
  type EachDraft,
  type GraphSettings,
  type HumanSettings,
  type LlmSettings,
  type LoopSettings,
  type NodeDraft,
  type RouteDraft,
  type RunDraft,
  type StepDraft,
  type WaitDraft,
  type WorkflowDraft,
  type WorkflowSettings,
} from "./draft.ts";
import type { Steps } from "./steps.ts";
import type { Trigger, TriggerOptions } from "./triggers.ts";
import type { WorkflowLife } from "./workflow-life.ts";

/** Any `z.object(…)` or `z.strictObject(…)`. */
export type StateShape = z.ZodObject<z.core.$ZodLooseShape, z.core.$ZodObjectConfig>;

export interface WorkflowOptions<Schema extends StateShape> extends WorkflowLife {
  /** The state: plain JSON, each field with a default (or optional), no transforms. Input overlays the defaults. */
  readonly state: Schema;
  /** What starts it; `on_demand` by default. Its id is the workflow's. */
  readonly trigger?: Trigger;
  /** Several triggers, or one that needs an id of its own: `{ new_lead: "webhook:hubspot_new_lead" }`; with options `{ t: { on: "event:…", filter: {…} } }`. */
  readonly triggers?: Readonly<Record<string, Trigger | TriggerOptions>>;
  /** Runs before the run is marked as completed: shared context is written at once, events leave with the completion. Repeated after a crash. */
  readonly onComplete?: (state: Readonly<z.output<Schema>>, ctx: NodeContext) => void | Promise<void>;
}

/**
 * Begins a workflow; chain `.llm`, `.node`, `.branch`, `.loop`, `.wait`, `.human`, `.graph`, `.run` and `.each`, then hand it to `operator`, which checks it.
 *
 * @example
 * const greet = workflow("greet", { state: z.object({ greeting: z.string().default("") }) })
 *   .llm("say_hello", { model: "haiku", user: "Say hello!", output: "greeting" });
 */
export function workflow<const Id extends string, Schema extends StateShape>(
  id: Id,
  options: WorkflowOptions<Schema>,
): Steps<z.output<Schema>, never, Id, z.input<Schema>> {
  const begun = { id, options: options as unknown as WorkflowSettings, steps: [], origin: Symbol(id) };
  // The one place where types are laid over the erased chain: from here on the compiler guards, below nothing knows `S`.
  return chain(begun) as unknown as Steps<z.output<Schema>, never, Id, z.input<Schema>>;
}

/** The chain without its types. */
interface Chain {
  readonly id: string;
  readonly [DRAFT]: WorkflowDraft;
  llm(name: string, options: LlmSettings): Chain;
  node(name: string, run: NodeDraft["run"], options?: NodeDraft["options"]): Chain;
  branch(name: string, choose: BranchDraft["choose"], routes: Readonly<Record<string, Route>>, options?: BranchDraft["options"]): Chain;
  loop(name: string, options: LoopSettings, body: Arm): Chain;
  wait(name: string, time: WaitDraft["time"] & { readonly onTimeout?: Arm }, options?: WaitDraft["options"]): Chain;
  human(name: string, options: HumanSettings & { readonly onTimeout?: Arm }): Chain;
  graph(name: string, graph: unknown, options?: GraphSettings): Chain;
  run(name: string, options: RunDraft["options"]): Chain;
  each(name: string, options: EachDraft["options"]): Chain;
}
type Arm = ((arm: Chain) => Chain) | null;
type Route = Arm | string | Control;

function chain(draft: WorkflowDraft): Chain {
  const then = (step: StepDraft): Chain => chain({ ...draft, steps: [...draft.steps, step] });
  return Object.freeze<Chain>({
    id: draft.id,
    [DRAFT]: draft,
    llm: (name, options) => then({ kind: "llm", name, options }),
    node: (name, run, options = {}) => then({ kind: "node", name, run, options }),
    branch: (name, choose, routes, options = {}) => {
      const drawn = Object.entries(routes ?? {}).map(([route, to]) => [route, drawRoute(draft, to)] as const);
      return then({ kind: "branch", name, choose, routes: new Map(drawn), options });
    },
    loop: (name, options, body) => then({ kind: "loop", name, options, body: body === null ? undefined : drawArm(draft, body) }),
    wait: (name, time, options) => {
      const onTimeout = typeof time === "object" ? time?.onTimeout : undefined;
      return then({
        kind: "wait",
        name,
        time,
        ...(options === undefined ? {} : { options }),
        ...(onTimeout === undefined ? {} : { timedOut: drawArm(draft, onTimeout) }),
      });
    },
    human: (name, options) => {
      const { onTimeout } = options ?? {};
      return then({ kind: "human", name, options, ...(onTimeout === undefined ? {} : { timedOut: drawArm(draft, onTimeout) }) });
    },
    graph: (name, graph, options = {}) => then({ kind: "graph", name, graph, options }),
    run: (name, options) => then({ kind: "run", name, options }),
    each: (name, options) => then({ kind: "each", name, options }),
  });
}

function drawRoute(draft: WorkflowDraft, to: Route): RouteDraft | undefined {
  if (typeof to === "string") return { goto: to };
  if (!isControl(to)) return drawArm(draft, to);
  return to.next.kind === "end" && Object.keys(to.patch).length === 0 ? { end: true } : undefined;
}

/** An arm must go on from the chain it was handed: another workflow's steps would run over a state they do not know. */
function drawArm(draft: WorkflowDraft, arm: Arm): readonly StepDraft[] | undefined {
  if (arm === null) return [];
  if (typeof arm !== "function") return undefined;
  const origin = Symbol(draft.id);
  const end = arm(chain({ ...draft, steps: [], origin })) as Partial<Chain> | undefined;
  const drawn = end?.[DRAFT];
  return drawn?.origin === origin ? drawn.steps : undefined;
}
