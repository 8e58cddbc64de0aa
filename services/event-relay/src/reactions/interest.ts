/** What the registered operators want to know of: pure, from their manifests. What is odd in one of them (of another OpenVibe) is passed over. */
import {
  allSteps,
  type EventTrigger,
  type EventWaitManifest,
  findEventTrigger,
  findPacing,
  isPacingKnown,
  isPlainObject,
  type JsonObject,
  matchKeyIn,
  type OpenVibeEvent,
  passesFilter,
  type TriggerManifest,
  triggersOn,
  type WorkflowManifest,
} from "@openvibe/core";
import type { EventWaitStore, StoredManifest } from "@openvibe/store";
import type { MetTrigger } from "./start-or-hold.ts";

interface Trigger extends MetTrigger {
  readonly on: EventTrigger;
  readonly filter: JsonObject | undefined;
}

export class Interest {
  readonly #triggers = new Map<string, Trigger[]>();
  /** Type -> the sets of fields by which somebody waits for it. */
  readonly #waits = new Map<string, Map<string, readonly string[]>>();

  /** `waited`: what runs wait for now, also those of versions that are no longer current. */
  constructor(operators: readonly StoredManifest[], waited: Awaited<ReturnType<EventWaitStore["findWaited"]>> = []) {
    for (const { type, fields } of waited) this.#addFields(type, fields);
    for (const operator of operators)
      for (const workflow of operator.manifest.workflows) {
        for (const trigger of workflow.triggers) this.#addTrigger(operator, workflow, trigger);
        for (const step of allSteps(workflow.steps)) if (step.kind === "wait") this.#addWait(step.event);
      }
  }

  /** Types that start a run or end a wait. */
  get types(): readonly string[] {
    return [...new Set([...this.#triggers.keys(), ...this.#waits.keys()])];
  }

  /** `data` is the event's, whatever its size. */
  triggersOf(event: OpenVibeEvent, data: JsonObject): readonly MetTrigger[] {
    return (this.#triggers.get(event.type) ?? []).filter(
      ({ on, filter }) => triggersOn(on, event) && (filter === undefined || passesFilter(filter, data)),
    );
  }

  /** What the event has to be kept under for those who wait; nothing when nobody does. */
  matchKeysOf({ type }: OpenVibeEvent, data: JsonObject): readonly string[] {
    const keys = [...(this.#waits.get(type)?.values() ?? [])].map((fields) => matchKeyIn(data, fields));
    return [...new Set(keys.filter((key) => key !== undefined))];
  }

  #addTrigger(operator: StoredManifest, workflow: WorkflowManifest, given: TriggerManifest): void {
    const { id, on: text, filter } = given;
    const on = findEventTrigger(text, operator.manifest.id);
    if (on === undefined || !(filter === undefined || isPlainObject(filter)) || !isPacingKnown(given)) return;
    const trigger = { operator, workflow, trigger: id, on, filter, pacing: findPacing(given) };
    this.#triggers.set(on.type, [...(this.#triggers.get(on.type) ?? []), trigger]);
  }

  #addWait(wait: EventWaitManifest | undefined): void {
    if (!isPlainObject(wait)) return;
    const { types, match = [] } = wait as Partial<EventWaitManifest>;
    if (!Array.isArray(types) || !Array.isArray(match)) return;
    for (const type of types) this.#addFields(type, [...match].sort());
  }

  #addFields(type: string, fields: readonly string[]): void {
    this.#waits.set(type, (this.#waits.get(type) ?? new Map()).set(JSON.stringify(fields), fields));
  }
}
