/** What a worker does with runs that go by another version than it has (DESIGN §6 rule 3): goes on with them where it can, else parks them. */
import {
  type Clock,
  type Logger,
  MAX_SILENT_CLAIMS,
  type OperatorId,
  type OwnerId,
  parsePosition,
  type Run,
  type RunId,
  toIso,
} from "@openvibe/core";
import type { ClaimedRun, ParkedRun, Store } from "@openvibe/store";
import { runFields } from "./log-fields.ts";
import { patiently } from "./patience.ts";
import { asBegun } from "./rerun.ts";
import type { ServedOperator } from "./served-operator.ts";
import { Versions } from "./versions.ts";

/** Parked runs looked at in one go. */
const PAGE = 200;

export interface ParkingDeps {
  readonly store: Pick<Store, "manifests" | "parking">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly owner: OwnerId;
  /** Ends the patience with a store that does not answer. */
  readonly signal: AbortSignal;
}

/** `run`: it goes on here. `parked`: nobody has it, and it says why. `lost`: it is for whoever claims it next. */
export type Entry = { readonly run: ClaimedRun } | "parked" | "lost";

export class Parking {
  readonly #deps: ParkingDeps;
  readonly #versions: Versions;
  /** Where the next look at an operator's parked runs begins. */
  readonly #looked = new Map<OperatorId, RunId>();

  constructor(deps: ParkingDeps) {
    this.#deps = deps;
    this.#versions = new Versions(deps.store.manifests);
  }

  /** Whether a claimed run may simply be run: all others `enter`. */
  isOwn(run: Run, { definition }: ServedOperator): boolean {
    return run.definition === definition.version && run.parked === undefined;
  }

  /** @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async enter(claimed: ClaimedRun, operator: ServedOperator): Promise<Entry> {
    const { run } = claimed;
    // Such a run only ends here.
    if (operator.workflows.has(run.workflowId) && (run.cancelRequested || claimed.silentClaims >= MAX_SILENT_CLAIMS))
      return { run: claimed };
    const { state, position } = asBegun(claimed);
    const foreign = { ...run, begun: state !== null, position };
    const known = Object.keys(run.input).filter((field) => !run.ignoredInput.includes(field));
    const verdict = await this.#patiently(() => this.#versions.judge({ ...foreign, inputFields: known }, operator));
    return verdict.fits ? await this.#adopt(claimed, operator) : await this.#park(claimed, operator, verdict.reason);
  }

  /** A page of an operator's parked runs, the next one at each call; gives those that can go on here. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  async findFitting(operator: ServedOperator): Promise<readonly ParkedRun[]> {
    const operatorId = operator.definition.manifest.id;
    const after = this.#looked.get(operatorId);
    const page = await this.#deps.store.parking.list(operatorId, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) this.#looked.delete(operatorId);
    else this.#looked.set(operatorId, last.runId);
    const fitting: ParkedRun[] = [];
    for (const parked of page) if ((await this.#versions.judge({ ...parked, ...asBegun(parked) }, operator)).fits) fitting.push(parked);
    return fitting;
  }

  async #adopt(claimed: ClaimedRun, { definition: { version } }: ServedOperator): Promise<Entry> {
    const { run } = claimed;
    const request = { runId: run.runId, attempt: run.attempt, owner: this.#deps.owner, definition: version };
    if (!(await this.#patiently(() => this.#deps.store.parking.adopt(request)))) return "lost";
    if (run.definition !== version)
      this.#deps.logger.info({ ...runFields(run), version, was: run.definition }, "a run goes on by another version");
    return { run: { ...claimed, run: { ...run, definition: version } } };
  }

  async #park(claimed: ClaimedRun, { definition: { version } }: ServedOperator, reason: string): Promise<Entry> {
    const { run } = claimed;
    const { position } = asBegun(claimed);
    const parked = {
      reason,
      needs_version: run.definition,
      met_version: version,
      node_id: position === null ? null : parsePosition(position).stepId,
      since: run.parked?.since ?? toIso(this.#deps.clock.now()),
    };
    const request = { runId: run.runId, attempt: run.attempt, owner: this.#deps.owner, parked };
    if (!(await this.#patiently(() => this.#deps.store.parking.park(request)))) return "lost";
    this.#deps.logger[run.parked === undefined ? "warn" : "debug"](
      { ...runFields(run), ...parked },
      "a run is parked: this worker's version does not fit",
    );
    return "parked";
  }

  #patiently<T>(call: () => Promise<T>): Promise<T> {
    return patiently(call, { signal: this.#deps.signal });
  }
}
