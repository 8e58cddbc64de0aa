/** How work for an operator comes in from the bus: new runs, wake-ups of its runs, cancels, requests that it answers. */
import type { Bus, Delivery } from "@openvibe/bus";
import { BEGIN_RUN, type Clock, type OperatorId, type OwnerId } from "@openvibe/core";
import type { ClaimedRun, RunStore } from "@openvibe/store";
import { answerRequest } from "./answers.ts";
import type { BegunRuns } from "./begun-runs.ts";
import type { HeldRuns } from "./held-runs.ts";
import type { OperatorSlots } from "./operator-slots.ts";
import { patiently } from "./patience.ts";
import type { ServedOperator, ServedWorkflow } from "./served-operator.ts";
import { SlotCounter } from "./slots.ts";

export interface OperatorIntakeDeps {
  readonly bus: Bus;
  readonly runs: RunStore;
  readonly held: HeldRuns;
  readonly begun: BegunRuns;
  readonly slots: OperatorSlots;
  /** Runs that answer requests, per operator. */
  readonly requestSlots: number;
  readonly clock: Clock;
  readonly owner: OwnerId;
  /** Calls what it is given outside of whatever runs now. */
  readonly outside: <T>(call: () => T) => T;
  /** Gets what is taken. */
  readonly settle: (delivery: Delivery) => Promise<void>;
  /** Aborts when this process stops. */
  readonly stopping: AbortSignal;
}

export class OperatorIntake {
  readonly #deps: OperatorIntakeDeps;

  constructor(deps: OperatorIntakeDeps) {
    this.#deps = deps;
  }

  /** What the bus needs before the operator's work can come, and cancels of its runs. @throws OpenVibeError OV_BUS_UNAVAILABLE when `signal` aborts */
  async prepare(operatorId: OperatorId, signal: AbortSignal): Promise<AsyncDisposable | Disposable> {
    const { bus, held } = this.#deps;
    await patiently(() => bus.prepareOperator(operatorId), { signal });
    return await patiently(() => bus.signals.onControl({ operatorId, verb: "cancel" }, ({ runId }) => void held.cancel(runId)), {
      signal,
    });
  }

  /** Takes wake-ups, as many as there are free slots, until `signal` aborts. */
  async take(operatorId: OperatorId, signal: AbortSignal): Promise<void> {
    const { bus, slots, outside, settle } = this.#deps;
    for await (const delivery of bus.queue.take(operatorId, slots.of(operatorId), signal)) {
      if (signal.aborted) delivery.release(0);
      else outside(() => void settle(delivery));
    }
  }

  /** Begins new runs that are handed over, and answers requests, until what it gives is disposed. @throws OpenVibeError OV_BUS_UNAVAILABLE when `signal` aborts */
  async answer(operator: ServedOperator, signal: AbortSignal): Promise<AsyncDisposable[]> {
    const { bus, runs, held, begun, clock, owner, outside, stopping, requestSlots } = this.#deps;
    const slots = new SlotCounter(requestSlots);
    const execute = async (claimed: ClaimedRun, workflow: ServedWorkflow) => {
      await held.work({ claimed, workflow, handles: [], slots });
    };
    const deps = { runs, queue: bus.queue, clock, owner, slots, stopping, execute };
    const { manifest, answers } = operator.definition;
    const begin = () => bus.requests.answer(manifest.id, BEGIN_RUN, ({ body }) => outside(() => begun.begin(operator, body)));
    const answer = [...answers].map(
      ([capability, code]) =>
        () =>
          bus.requests.answer(manifest.id, capability, (request) =>
            outside(() => answerRequest(deps, operator, capability, code, request)),
          ),
    );
    return await Promise.all([begin, ...answer].map((listen) => patiently(listen, { signal })));
  }
}
