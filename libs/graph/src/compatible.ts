import { getStep, type Plan, type PlannedStep, type Position } from "./plan.ts";

export type Compatibility = { readonly fits: true } | { readonly fits: false; readonly reason: string };

const FITS: Compatibility = { fits: true };

/**
 * Whether a run that stands at `position`, by the plan it went so far, can go on by another one: the step is there, alike, in the same loops, and
 * whatever may have run before it is there and led to it the same way. What comes behind it may be anything.
 */
export function compatible(before: Plan, after: Plan, position: Position): Compatibility {
  if (position === null) return FITS;
  const reason = stepMisfit(before, after, position) ?? pastMisfit(before, after, position);
  return reason === undefined ? FITS : { fits: false, reason };
}

/** The position's own step: a run may wait at it, and its wake-up must mean the same. */
function stepMisfit(before: Plan, after: Plan, position: string): string | undefined {
  const was = before.steps.get(position);
  const is = after.steps.get(position);
  if (was === undefined) return `the version it goes by has no step ${position}`;
  if (is === undefined) return `there is no step ${position}`;
  if (is.manifest.kind !== was.manifest.kind) return `step ${position} is ${is.manifest.kind}, and was ${was.manifest.kind}`;
  if (is.loops.join() !== was.loops.join()) return `step ${position} stands in ${inLoops(is)}, and stood in ${inLoops(was)}`;
  if (waitsFor(is) !== waitsFor(was)) return `step ${position} takes another answer than it asked for`;
  return undefined;
}

function inLoops({ loops }: PlannedStep): string {
  return loops.length === 0 ? "no loop" : `loop ${loops.join(" in ")}`;
}

/** What a wake-up brings to a step that waits, where the manifest says so. */
function waitsFor({ kind, manifest }: PlannedStep): string {
  return manifest.kind === "human" ? JSON.stringify([manifest.answer, kind]) : "";
}

function pastMisfit(before: Plan, after: Plan, position: string): string | undefined {
  const was = leadingTo(before, position);
  const is = leadingTo(after, position);
  for (const id of is) if (!was.has(id)) return `step ${id} comes before ${position}, and did not`;
  for (const id of was)
    if (!is.has(id)) return `step ${id} came before ${position}, and ${after.steps.has(id) ? "does no more" : "is gone"}`;
  for (const id of was) {
    const reason = wayMisfit(getStep(before.steps, id), getStep(after.steps, id), (to) => to !== null && (to === position || was.has(to)));
    if (reason !== undefined) return reason;
  }
  return was.size > 0 && before.entry !== after.entry ? `it begins with ${after.entry}, and began with ${before.entry}` : undefined;
}

/** Two steps before the position: the same kind, and the ways that led to the position lead there still. */
function wayMisfit(was: PlannedStep, is: PlannedStep, counts: (to: Position) => boolean): string | undefined {
  const { id } = was;
  if (is.manifest.kind !== was.manifest.kind) return `step ${id} is ${is.manifest.kind}, and was ${was.manifest.kind}`;
  if (is.loops.join() !== was.loops.join()) return `step ${id} stands in ${inLoops(is)}, and stood in ${inLoops(was)}`;
  const ways = waysOf(is);
  for (const [route, to] of waysOf(was)) {
    if (!counts(to) || ways.get(route) === to) continue;
    const what = route === "" ? `step ${id}` : `route ${route} of step ${id}`;
    return ways.has(route) ? `${what} goes to ${ways.get(route) ?? "the end"}, and went to ${to}` : `${what} is gone`;
  }
  return undefined;
}

function waysOf(step: PlannedStep): ReadonlyMap<string, Position> {
  return new Map(step.kind === "linear" ? [["", step.next]] : Object.entries(step.routes));
}

/** The steps that may have run when a run stands at `position`, in order of declaration; the step itself only inside a loop. */
function leadingTo(plan: Plan, position: string): ReadonlySet<string> {
  const leading = new Set<string>();
  for (let more = [position]; more.length > 0; ) {
    const to = new Set(more);
    more = [...plan.steps.values()]
      .filter((step) => !leading.has(step.id) && [...waysOf(step).values()].some((way) => way !== null && to.has(way)))
      .map(({ id }) => id);
    for (const id of more) leading.add(id);
  }
  return new Set([...plan.steps.keys()].filter((id) => leading.has(id)));
}
