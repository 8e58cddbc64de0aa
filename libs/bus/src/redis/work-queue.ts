import type { OperatorId, WakeUp } from "@openvibe/core";
import type { Signals } from "../signals.ts";
import type { Delivery, Slots, WorkQueue } from "../work-queue.ts";
import { refusalOf, toBusError } from "./errors.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import type { StreamEntry } from "./reply.ts";
import { Taker } from "./taker.ts";
import { DONE, GROUP, PUBLISH } from "./work-queue-scripts.ts";

const SHOWN_CHARACTERS = 2_048;

export interface RedisQueueOptions {
  readonly link: Link;
  readonly holdMs: number;
  readonly signals: Pick<Signals, "deadLetter">;
}

/** Wake-ups as entries of a stream per operator, taken by one group; a hash beside it knows what lies there. */
export class RedisWorkQueue implements WorkQueue {
  readonly #options: RedisQueueOptions;

  constructor(options: RedisQueueOptions) {
    this.#options = options;
  }

  async publish({ operatorId, kind, runId, wake }: WakeUp): Promise<"stored" | "already_there"> {
    const { link } = this.#options;
    const stored = await persist(link, `wake-up ${wake} of run ${runId} is not published`, () =>
      link.run(PUBLISH, this.#keys(operatorId), [`${kind}.${runId}.${wake}`]),
    );
    return stored === 1 ? "stored" : "already_there";
  }

  take(operatorId: OperatorId, slots: Slots, signal: AbortSignal): AsyncIterable<Delivery> {
    const { link, holdMs } = this.#options;
    const prepare = () => this.prepare(operatorId);
    const refuse = (entry: StreamEntry) => link.tell("refuse", link.track(this.#refuse(operatorId, entry)));
    return new Taker({ link, operatorId, slots, signal, holdMs, prepare, refuse }).run();
  }

  /** Makes the operator's stream and group. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  async prepare(operatorId: OperatorId): Promise<void> {
    const { link } = this.#options;
    link.assertOpen();
    try {
      await link.call("XGROUP", "CREATE", link.keys.activations(operatorId).stream, GROUP, "0", "MKSTREAM");
    } catch (cause) {
      if (refusalOf(cause) !== "BUSYGROUP") throw toBusError(`the group of operator ${operatorId} cannot be made`, cause);
    }
  }

  #keys(operatorId: OperatorId): readonly string[] {
    const { stream, lying, delayed } = this.#options.link.keys.activations(operatorId);
    return [stream, lying, delayed];
  }

  async #refuse(operatorId: OperatorId, { id, fields }: StreamEntry): Promise<void> {
    const { link, signals } = this.#options;
    const text = JSON.stringify(Object.fromEntries(fields)).slice(0, SHOWN_CHARACTERS);
    await signals.deadLetter({ operatorId, reason: "bad_message", body: { subject: link.keys.activations(operatorId).stream, text } });
    await link.run(DONE, this.#keys(operatorId), [fields.get("wake") ?? "", id]);
  }
}
