import { OpenVibeError } from "@openvibe/core";
import { diffManifests, type ManifestDiff, type NamesDiff, type StepDiff, type WorkflowDiff } from "@openvibe/graph/plan";
import { coloured } from "./colour.ts";
import { endWith } from "./end-with.ts";
import { ExitCode } from "./exit-code.ts";
import { type NamedManifest, readManifests } from "./manifest-source.ts";
import { note, print, printJson } from "./print.ts";
import type { ShowOptions } from "./runs.ts";

interface DiffOptions extends ShowOptions {
  readonly operator?: string;
}

/** `openvibe diff`: what changed between two versions, and where runs that wait would be parked. Ends with 1 when there is a difference. */
export async function diffOperators(before: string, after: string, { operator, json, ...options }: DiffOptions): Promise<void> {
  const [was, is] = [await readManifests(before, options), await readManifests(after, options)];
  const id = operator ?? commonId(was, is);
  const [old, now] = [one(was, id, before), one(is, id, after)];
  const diff = diffManifests(old.manifest, now.manifest);
  if (!diff.same) process.exitCode = ExitCode.Failed;
  if (json === true) printJson({ ...diff, from_version: old.version, to_version: now.version });
  else show(diff, old.version, now.version);
  if (diff.same) note("they say the same", options);
  await endWith(process.stdout, "");
}

/** Where files hold several operators, the one that both have. */
function commonId(was: readonly NamedManifest[], is: readonly NamedManifest[]): string {
  const common = was.map(({ manifest }) => manifest.id).filter((id) => is.some(({ manifest }) => manifest.id === id));
  const [id, another] = common;
  if (id !== undefined && another === undefined) return id;
  const idsOf = (found: readonly NamedManifest[]) => found.map(({ manifest }) => manifest.id).join(", ");
  const why = id === undefined ? `there is ${idsOf(was)} on one side and ${idsOf(is)} on the other` : `both have ${common.join(", ")}`;
  throw new OpenVibeError("OV_PARAMETER_INVALID", `${why}: name the operator that is compared with --operator`);
}

function one(found: readonly NamedManifest[], id: string, source: string): NamedManifest {
  const named = found.find(({ manifest }) => manifest.id === id);
  if (named !== undefined) return named;
  throw new OpenVibeError(
    "OV_PARAMETER_INVALID",
    `${source} has no operator ${id}; it has ${found.map(({ manifest }) => manifest.id).join(", ")}`,
  );
}

function show({ operator_id: id, same, changed, workflows }: ManifestDiff, from: string, to: string): void {
  if (same) return;
  print(`${id}  ${from} -> ${to}`);
  for (const key of changed) print(`${SIGNS.changed} ${key}`);
  for (const workflow of workflows) showWorkflow(workflow);
}

const SIGNS = {
  added: coloured("green", "+"),
  removed: coloured("red", "-"),
  changed: coloured("yellow", "~"),
  moved: coloured("yellow", ">"),
} as const;

function showWorkflow({ workflow_id: id, change, changed, steps, triggers, state, parks }: WorkflowDiff): void {
  print(`${SIGNS[change]} workflow ${id}`);
  for (const key of changed) print(`  ${SIGNS.changed} ${key}`);
  for (const step of steps) print(`  ${SIGNS[step.change]} step ${step.id}${aboutStep(step)}`);
  showNames("trigger", triggers);
  showNames("state field", state);
  if (parks.length === 0) return;
  print("  runs of the old version that stand before these steps wait for a worker that has it:");
  for (const { step, reason } of parks) print(`    ${step}: ${reason}`);
}

function aboutStep({ change, place, changed }: StepDiff): string {
  const where = place === undefined ? "" : ` (${place})`;
  const moved = change === "moved" ? " moved" : "";
  return `${moved}${where}${changed === undefined ? "" : `: ${changed.join(", ")}`}`;
}

function showNames(what: string, names: NamesDiff): void {
  for (const change of ["added", "removed", "changed"] as const)
    for (const name of names[change]) print(`  ${SIGNS[change]} ${what} ${name}`);
}
