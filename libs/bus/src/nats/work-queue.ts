import type { Msg } from "@nats-io/transport-node";
import { MAIN_LANE, type OperatorId, subjects, type WakeUp } from "@openvibe/core";
import { applyOperatorConsumer } from "@openvibe/nats";
import type { Signals } from "../signals.ts";
import type { Delivery, Slots, WorkQueue } from "../work-queue.ts";
import { acknowledge } from "./delivery.ts";
import { toBusError } from "./errors.ts";
import type { Link } from "./link.ts";
import { publishUntil, toOutcomeError } from "./publish.ts";
import { Taker } from "./taker.ts";

const NOTHING = new Uint8Array(0);
const SHOWN_BYTES = 2_048;

export interface NatsQueueOptions {
  readonly link: Link;
  readonly holdMs: number;
  readonly signals: Pick<Signals, "deadLetter">;
}

/** Wake-ups as messages of OV_ACTIVATIONS, one per subject, taken by one durable consumer per operator. */
export class NatsWorkQueue implements WorkQueue {
  readonly #options: NatsQueueOptions;

  constructor(options: NatsQueueOptions) {
    this.#options = options;
  }

  async publish({ operatorId, kind, runId, wake }: WakeUp): Promise<"stored" | "already_there"> {
    const subject = subjects.activation({ operatorId, lane: MAIN_LANE, kind, runId, wake });
    // Without msgID: a repeat after the first was done has to be stored again. A second copy of the same one is refused by its subject.
    const outcome = await publishUntil(this.#options.link, { subject, body: NOTHING }, { repeatable: true });
    if (outcome.kind === "stored") return "stored";
    if (outcome.kind === "subject_taken") return "already_there";
    throw toOutcomeError(`wake-up ${wake} of run ${runId} is not published`, outcome);
  }

  take(operatorId: OperatorId, slots: Slots, signal: AbortSignal): AsyncIterable<Delivery> {
    const { link } = this.#options;
    const prepare = () => this.prepare(operatorId);
    const refuse = (message: Msg) => void link.track(this.#refuse(operatorId, message));
    return new Taker({ link, operatorId, slots, signal, prepare, refuse }).run();
  }

  /** Makes the operator's consumer. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  async prepare(operatorId: OperatorId): Promise<void> {
    const { link, holdMs } = this.#options;
    try {
      await link.ask(applyOperatorConsumer(link.jsm, operatorId, { ackWaitMs: holdMs }));
    } catch (cause) {
      link.logger.warn({ operator_id: operatorId, error: String(cause) }, "the operator's consumer cannot be made");
      throw toBusError(`the consumer of operator ${operatorId} cannot be made`, cause);
    }
  }

  async #refuse(operatorId: OperatorId, message: Msg): Promise<void> {
    const text = Buffer.from(message.data.subarray(0, SHOWN_BYTES)).toString("utf8");
    await this.#options.signals.deadLetter({ operatorId, reason: "bad_message", body: { subject: message.subject, text } });
    acknowledge(message);
  }
}
