import type { OperatorId } from "@openvibe/core";
import { SlotCounter } from "./slots.ts";

/** The slots of each operator that this process serves, or has served. While the store is away none is free. */
export class OperatorSlots {
  readonly #perOperator: number;
  readonly #slots = new Map<OperatorId, SlotCounter>();
  #outages = 0;

  constructor(perOperator: number) {
    this.#perOperator = perOperator;
  }

  of(operatorId: OperatorId): SlotCounter {
    const known = this.#slots.get(operatorId);
    if (known !== undefined) return known;
    const slots = new SlotCounter(this.#perOperator);
    slots.pause(this.#outages > 0);
    this.#slots.set(operatorId, slots);
    return slots;
  }

  /** Somebody waits for the store; to be ended by that one's `endOutage`. */
  beginOutage(): void {
    this.#countOutages(1);
  }

  endOutage(): void {
    this.#countOutages(-1);
  }

  #countOutages(change: 1 | -1): void {
    this.#outages += change;
    for (const slots of this.#slots.values()) slots.pause(this.#outages > 0);
  }
}
