/** Runs the same in both graph forms and sees that nobody could tell them apart. */
import type { JsonObject, JsonValue, OperatorDefinition, Run, RunMetrics, RunStatus } from "@openvibe/core";
import type { GraphForm } from "@openvibe/graph";
import type { Script } from "@openvibe/llm/scripted";
import { type AnyWorkflow, operator } from "@openvibe/sdk";
import { expect } from "vitest";
import { withFaults } from "./faults-for-tests.ts";
import { openWorld, type World } from "./world-for-tests.ts";

export const FORMS: readonly GraphForm[] = ["segments", "nodes"];

/** A run as it ended, without what differs from run to run: ids and times. */
export interface Outcome {
  readonly status: RunStatus;
  readonly output: JsonObject;
  readonly error: Run["error"];
  readonly ignoredInput: readonly string[];
  readonly metrics: Omit<RunMetrics, "duration_seconds">;
  readonly events: readonly {
    readonly type: string;
    readonly sequence: number | null;
    readonly nodeId: string | null;
    readonly data: JsonObject;
  }[];
  readonly state: JsonValue | null;
  /** Status and position of every commit, oldest first. */
  readonly commits: readonly (readonly [status: string, position: string | null])[];
}

export interface Scenario {
  readonly workflow: AnyWorkflow;
  readonly input?: JsonObject;
  readonly script?: Script;
  /** Operators served beside it. */
  readonly beside?: readonly OperatorDefinition[];
}

/** Runs a workflow once per form, alone in a world of its own; gives the outcome that both have. */
export async function runInBothForms({ workflow, input, script, beside = [] }: Scenario): Promise<Outcome> {
  return await inBothForms(async (form) => {
    await using world = openWorld({ form, ...(script === undefined ? {} : { script }) });
    const definition = operator("shop", { name: "Shop", workflows: [workflow] });
    const commits: [string, string | null][] = [];
    const store = withFaults(world.store, {
      after: (name, given) => {
        if (name === "write") commits.push([given.status, given.position]);
      },
    });
    await world.start([definition, ...beside], { store });

    const runId = await world.accept(definition, workflow.id, input);
    return { ...(await outcomeOf(world, runId)), commits };
  });
}

/** Does the same in each form; gives the result, which must be equal. */
export async function inBothForms<T>(work: (form: GraphForm) => Promise<T>): Promise<T> {
  const first = await work("segments");
  const second = await work("nodes");
  expect(second, "the form nodes gives the same as the form segments").toEqual(first);
  return first;
}

export async function outcomeOf(world: World, runId: string): Promise<Omit<Outcome, "commits">> {
  const { status, output, error, ignoredInput, metrics } = await world.ended(runId);
  const events = (await world.told(runId)).map(({ type, sequence, nodeId, data }) => ({ type, sequence, nodeId, data }));
  const { duration_seconds: _, ...counted } = metrics;
  const outcome = { status, output, error, ignoredInput, metrics: counted, events, state: world.row(runId).state };
  return withoutTimes(JSON.parse(JSON.stringify(outcome).replaceAll(runId, "the_run")) as JsonValue) as unknown as Omit<Outcome, "commits">;
}

const TIMES = ["started_at", "duration_ms", "duration_seconds", "until"];

function withoutTimes(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutTimes);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !TIMES.includes(key))
      .map(([key, entry]) => [key, withoutTimes(entry)]),
  );
}
