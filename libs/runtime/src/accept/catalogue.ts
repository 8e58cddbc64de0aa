import {
  type Clock,
  didYouMean,
  type Logger,
  nearestNames,
  OpenVibeError,
  type OperatorId,
  type Run,
  type WorkflowManifest,
} from "@openvibe/core";
import type { ManifestStore, StoredManifest, UnreadableManifest } from "@openvibe/store";
import { createInputCheck, type InputCheck } from "./input-check.ts";

/** Older than this, what is known of the operators is read again, beside the request that noticed. */
const REFRESH_AFTER_MS = 1_000;
/** Older than this, the request waits for it: nobody asked for long, and the operators may be others by now. */
const STALE_AFTER_MS = 5_000;

export interface TriggeredWorkflow {
  readonly operator: StoredManifest;
  readonly workflow: WorkflowManifest;
  /** The trigger's id, or the workflow's where the caller named that. */
  readonly trigger: string;
  readonly checkInput: InputCheck;
}

/** A trigger, as an activation names it. */
export interface TriggerAddress {
  readonly operatorId: OperatorId;
  readonly trigger: string;
}

/** The operators as the store knows them, at hand without asking it for each request. */
export interface Catalogue {
  /** Reads the store again at once, as something has changed. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  refresh(): Promise<void>;
  /** @throws OpenVibeError OV_STORE_UNAVAILABLE */
  list(): Promise<readonly StoredManifest[]>;
  /** @throws OpenVibeError OV_OPERATOR_NOT_FOUND with the nearest names, OV_STORE_UNAVAILABLE */
  get(operatorId: OperatorId): Promise<StoredManifest>;
  /** `trigger`: the id of a trigger, or of a workflow. @throws OpenVibeError OV_OPERATOR_NOT_FOUND, OV_TRIGGER_NOT_FOUND with what there is, OV_STORE_UNAVAILABLE */
  getWorkflow(operatorId: OperatorId, trigger: string): Promise<TriggeredWorkflow>;
  /** Every trigger of any operator that has this kind, such as `webhook:github_push`. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  findTriggers(on: string): Promise<readonly TriggerAddress[]>;
  /** The workflow that a run was made of, whatever had triggered it. @throws as `getWorkflow` */
  getWorkflowOf(run: Pick<Run, "operatorId" | "workflowId" | "trigger">): Promise<TriggeredWorkflow>;
}

interface Entry {
  readonly stored: StoredManifest;
  /** Checks that were needed so far, by workflow: compiled once per version. */
  readonly checks: Map<string, InputCheck>;
}

export function createCatalogue(deps: { readonly manifests: ManifestStore; readonly clock: Clock; readonly logger: Logger }): Catalogue {
  let entries = new Map<OperatorId, Entry>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const told = new Set<string>();
  /** It is met at each reading. */
  const tellOnce = ({ operatorId, version, fault }: UnreadableManifest) => {
    if (told.has(`${operatorId} ${version}`)) return;
    told.add(`${operatorId} ${version}`);
    deps.logger.warn(
      { operator_id: operatorId, version, fault },
      "an operator's manifest in the store cannot be read, so that it is not served",
    );
  };
  const read = async () => {
    const at = deps.clock.now();
    const all = await deps.manifests.list(tellOnce);
    entries = new Map(all.map((stored) => [stored.manifest.id, keepChecks(entries.get(stored.manifest.id), stored)]));
    readAt = at;
  };
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const beFresh = (): Promise<void> | undefined => {
    const age = deps.clock.now() - readAt;
    if (age > STALE_AFTER_MS) return refresh();
    if (age > REFRESH_AFTER_MS) void refresh().catch((err) => deps.logger.debug({ err }, "operators could not be read again"));
    return undefined;
  };
  /** What is not known may have been registered a moment ago. */
  const findEntry = async (operatorId: OperatorId): Promise<Entry | undefined> => {
    await beFresh();
    const entry = entries.get(operatorId);
    if (entry !== undefined) return entry;
    await refresh();
    return entries.get(operatorId);
  };
  const getEntry = async (operatorId: OperatorId): Promise<Entry> => {
    const entry = await findEntry(operatorId);
    if (entry !== undefined) return entry;
    const nearest = nearestNames(operatorId, entries.keys());
    throw new OpenVibeError("OV_OPERATOR_NOT_FOUND", `there is no operator ${operatorId}${didYouMean(nearest)}`, {
      extra: { did_you_mean: nearest },
    });
  };

  const find = async (operatorId: OperatorId, trigger: string, name: string, by: typeof findWorkflow): Promise<TriggeredWorkflow> => {
    let entry = await getEntry(operatorId);
    let workflow = by(entry.stored, name);
    if (workflow === undefined) {
      await refresh();
      entry = await getEntry(operatorId);
      workflow = by(entry.stored, name);
    }
    if (workflow === undefined) throw triggerNotFound(entry.stored, name);
    return { operator: entry.stored, workflow, trigger, checkInput: checkOf(entry, workflow, deps.logger) };
  };

  const triggersNow = (on: string): readonly TriggerAddress[] =>
    [...entries.values()].flatMap(({ stored: { manifest } }) =>
      manifest.workflows
        .flatMap(({ triggers }) => triggers)
        .filter((trigger) => trigger.on === on)
        .map(({ id }) => ({ operatorId: manifest.id, trigger: id })),
    );

  return {
    async refresh() {
      await reading?.catch(() => {}); // it may have begun before the change
      await refresh();
    },
    async findTriggers(on) {
      await beFresh();
      const known = triggersNow(on);
      if (known.length > 0) return known;
      await refresh(); // it may have been registered a moment ago
      return triggersNow(on);
    },
    async list() {
      await (beFresh() ?? reading);
      return [...entries.values()].map(({ stored }) => stored);
    },
    async get(operatorId) {
      return (await getEntry(operatorId)).stored;
    },
    getWorkflow: (operatorId, trigger) => find(operatorId, trigger, trigger, findWorkflow),
    getWorkflowOf: ({ operatorId, workflowId, trigger }) =>
      find(operatorId, trigger, workflowId, ({ manifest: { workflows } }, id) => workflows.find((workflow) => workflow.id === id)),
  };
}

function keepChecks(known: Entry | undefined, stored: StoredManifest): Entry {
  return known?.stored.version === stored.version ? known : { stored, checks: new Map() };
}

function checkOf({ stored, checks }: Entry, workflow: WorkflowManifest, logger: Logger): InputCheck {
  let check = checks.get(workflow.id);
  if (check === undefined) {
    check = createInputCheck(workflow, `${stored.manifest.id}.${workflow.id}`, logger);
    checks.set(workflow.id, check);
  }
  return check;
}

function findWorkflow({ manifest: { workflows } }: StoredManifest, trigger: string): WorkflowManifest | undefined {
  return workflows.find(({ triggers }) => triggers.some(({ id }) => id === trigger)) ?? workflows.find(({ id }) => id === trigger);
}

function triggerNotFound({ manifest }: StoredManifest, trigger: string): OpenVibeError {
  const triggers = [...new Set(manifest.workflows.flatMap((workflow) => [...workflow.triggers.map(({ id }) => id), workflow.id]))];
  const nearest = nearestNames(trigger, triggers);
  return new OpenVibeError(
    "OV_TRIGGER_NOT_FOUND",
    `operator ${manifest.id} has no trigger or workflow ${JSON.stringify(trigger.slice(0, 80))}${didYouMean(nearest)}; there are ${triggers.join(", ")}`,
    { extra: { triggers, did_you_mean: nearest } },
  );
}
