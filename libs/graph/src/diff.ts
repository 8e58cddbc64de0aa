/** What changed between two manifests of an operator, and what that means for runs that are on their way. JSON, as `openvibe diff --json` prints it. */
import { canonicalJson, isArm, type JsonValue, type OperatorManifest, type StepManifest, type WorkflowManifest } from "@openvibe/core";
import { compatible } from "./compatible.ts";
import { armsOf, planWorkflow } from "./plan.ts";

export interface ManifestDiff {
  readonly operator_id: string;
  readonly same: boolean;
  /** Of the operator itself: `name`, `answers`, … */
  readonly changed: readonly string[];
  /** Those that changed. */
  readonly workflows: readonly WorkflowDiff[];
}

export interface WorkflowDiff {
  readonly workflow_id: string;
  readonly change: "added" | "removed" | "changed";
  /** Of the workflow itself: `timeout_ms`, `description`, … */
  readonly changed: readonly string[];
  readonly steps: readonly StepDiff[];
  readonly triggers: NamesDiff;
  readonly state: NamesDiff;
  /** Where a run of the old version is parked: no worker that has only the new one goes on with it. */
  readonly parks: readonly ParkedPosition[];
}

export interface StepDiff {
  readonly id: string;
  readonly change: "added" | "removed" | "moved" | "changed";
  /** Where it stands: `route hot of tier`. Absent on the workflow's own level, and where it only changed. */
  readonly place?: string;
  /** What of it changed, beside its place. */
  readonly changed?: readonly string[];
}

export interface NamesDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface ParkedPosition {
  readonly step: string;
  readonly reason: string;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function diffManifests(before: OperatorManifest, after: OperatorManifest): ManifestDiff {
  const changed = changedKeys(before, after, ["workflows"]);
  const workflows = namesOf(before.workflows, after.workflows).flatMap((id) => {
    const diff = diffWorkflow(
      after.id,
      before.workflows.find((each) => each.id === id),
      after.workflows.find((each) => each.id === id),
    );
    return diff ?? [];
  });
  return { operator_id: after.id, same: changed.length + workflows.length === 0, changed, workflows };
}

const NO_NAMES: NamesDiff = { added: [], removed: [], changed: [] };

function diffWorkflow(
  operatorId: string,
  before: WorkflowManifest | undefined,
  after: WorkflowManifest | undefined,
): WorkflowDiff | undefined {
  if (before === undefined || after === undefined) {
    const only = before ?? after;
    if (only === undefined) return undefined;
    const parks = after === undefined ? stepsOf(operatorId, only).map((step) => ({ step, reason: `there is no workflow ${only.id}` })) : [];
    const change = after === undefined ? "removed" : "added";
    return { workflow_id: only.id, change, changed: [], steps: [], triggers: NO_NAMES, state: NO_NAMES, parks };
  }
  if (canonicalJson(before) === canonicalJson(after)) return undefined;
  return {
    workflow_id: after.id,
    change: "changed",
    changed: changedKeys(before, after, ["steps", "triggers", "input_schema", "state_fields"]),
    steps: diffSteps(before.steps, after.steps),
    triggers: diffNames(byName(before.triggers), byName(after.triggers)),
    state: diffNames(fieldsOf(before), fieldsOf(after)),
    parks: findParked(operatorId, before, after),
  };
}

function findParked(operatorId: string, before: WorkflowManifest, after: WorkflowManifest): ParkedPosition[] {
  if (before.steps.length === 0) return [];
  if (after.steps.length === 0) return stepsOf(operatorId, before).map((step) => ({ step, reason: `there is no step ${step}` }));
  const [was, is] = [planWorkflow(operatorId, before), planWorkflow(operatorId, after)];
  return [...was.steps.keys()].flatMap((step) => {
    const verdict = compatible(was, is, step);
    return verdict.fits ? [] : [{ step, reason: verdict.reason }];
  });
}

function stepsOf(operatorId: string, workflow: WorkflowManifest): readonly string[] {
  return workflow.steps.length === 0 ? [] : [...planWorkflow(operatorId, workflow).steps.keys()];
}

interface Placed {
  readonly manifest: StepManifest;
  /** The arm it stands in; empty on the workflow's own level. */
  readonly place: string;
}

function diffSteps(before: readonly StepManifest[], after: readonly StepManifest[]): StepDiff[] {
  const [was, is] = [placesOf(before), placesOf(after)];
  const moved = findMoved(was, is);
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id): readonly StepDiff[] => {
    const [old, now] = [was.get(id), is.get(id)];
    if (old === undefined || now === undefined) {
      const place = (now ?? old)?.place ?? "";
      return [{ id, change: old === undefined ? "added" : "removed", ...placed(place) }];
    }
    const changed = changedKeys(own(old.manifest), own(now.manifest), []);
    if (moved.has(id)) return [{ id, change: "moved", ...placed(now.place), ...(changed.length === 0 ? {} : { changed }) }];
    return changed.length === 0 ? [] : [{ id, change: "changed", changed }];
  });
}

function placed(place: string): { readonly place?: string } {
  return place === "" ? {} : { place };
}

/** Every step by id, in order of declaration. */
function placesOf(steps: readonly StepManifest[], place = "", into = new Map<string, Placed>()): ReadonlyMap<string, Placed> {
  for (const manifest of steps) {
    into.set(manifest.id, { manifest, place });
    for (const [route, arm] of Object.entries(armsOf(manifest) ?? {})) if (isArm(arm)) placesOf(arm, `${route} of ${manifest.id}`, into);
  }
  return into;
}

/** A step as it stands for itself: of its arms only their names, and where a route leads that has no steps of its own. */
function own(manifest: StepManifest): object {
  const {
    body: _,
    timed_out: __,
    routes: ___,
    ...rest
  } = manifest as StepManifest & { body?: unknown; timed_out?: unknown; routes?: unknown };
  if (manifest.kind === "human") return { ...rest, ...(manifest.timed_out === undefined ? {} : { timed_out: true }) };
  if (manifest.kind !== "branch") return rest;
  return { ...rest, routes: Object.fromEntries(Object.entries(manifest.routes).map(([route, to]) => [route, isArm(to) ? [] : to])) };
}

/** Those that stand in another arm, and the fewest whose moving explains the new order of the others in theirs. */
function findMoved(was: ReadonlyMap<string, Placed>, is: ReadonlyMap<string, Placed>): ReadonlySet<string> {
  const moved = new Set([...was].filter(([id, { place }]) => is.has(id) && is.get(id)?.place !== place).map(([id]) => id));
  for (const place of new Set([...was.values()].map((each) => each.place))) {
    const stayed = (steps: ReadonlyMap<string, Placed>) =>
      [...steps].filter(([id, each]) => each.place === place && was.has(id) && is.has(id) && !moved.has(id)).map(([id]) => id);
    const order = stayed(is);
    const kept = longestRise(stayed(was).map((id) => order.indexOf(id)));
    for (const [index, id] of order.entries()) if (!kept.has(index)) moved.add(id);
  }
  return moved;
}

/** The longest increasing subsequence of different numbers. */
function longestRise(numbers: readonly number[]): ReadonlySet<number> {
  const rises: number[][] = [];
  for (const number of numbers) {
    const before = rises.filter((rise) => (rise.at(-1) ?? -1) < number).sort((a, b) => b.length - a.length)[0] ?? [];
    rises.push([...before, number]);
  }
  return new Set(rises.sort((a, b) => b.length - a.length)[0] ?? []);
}

function byName(things: readonly { readonly id: string }[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(things.map((thing) => [thing.id, thing]));
}

function fieldsOf({ state_fields: fields, input_schema: schema }: WorkflowManifest): Readonly<Record<string, unknown>> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(fields.map((field) => [field, properties[field] ?? {}]));
}

function diffNames(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): NamesDiff {
  const names = Object.keys(before).filter((name) => Object.hasOwn(after, name));
  return {
    added: Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
    changed: names.filter((name) => isOther(before[name], after[name])),
  };
}

function changedKeys(before: object, after: object, without: readonly string[]): string[] {
  const [was, is] = [before, after] as readonly Readonly<Record<string, unknown>>[];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !without.includes(key));
  return keys.filter((key) => isOther(was?.[key], is?.[key]));
}

function isOther(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return canonicalJson(before as JsonValue) !== canonicalJson(after as JsonValue);
}

function namesOf(...lists: readonly (readonly { readonly id: string }[])[]): string[] {
  return [...new Set(lists.flat().map(({ id }) => id))];
}
