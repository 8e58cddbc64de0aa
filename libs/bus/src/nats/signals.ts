import type { Msg } from "@nats-io/transport-node";
import {
  ANY,
  type ControlVerb,
  isPlainObject,
  type JsonObject,
  type LiveEvent,
  messageOf,
  type OperatorId,
  type RunId,
  subjects,
} from "@openvibe/core";
import { toJsonText } from "../limits.ts";
import { parseLiveBody, toLiveBody } from "../live-body.ts";
import type { ControlSignal, Signals } from "../signals.ts";
import type { Link } from "./link.ts";
import { publishUntil, toOutcomeError } from "./publish.ts";

/** Plain messages: who listens hears them, nobody keeps them. Dead letters are stored. */
export class NatsSignals implements Signals {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  control({ operatorId, verb, runId, body }: ControlSignal): void {
    this.#say(subjects.control(operatorId, verb, runId), body);
  }

  onControl(
    { operatorId = ANY, verb, runId = ANY }: { readonly operatorId?: OperatorId; readonly verb: ControlVerb; readonly runId?: RunId },
    hear: (signal: ControlSignal) => void,
  ): Promise<Disposable> {
    return this.#listen(subjects.control(operatorId, verb, runId), (subject, body) => {
      const [, operator, , , run] = subject.split(".");
      if (operator !== undefined && run !== undefined) hear({ operatorId: operator, verb, runId: run, body });
    });
  }

  live(event: LiveEvent): void {
    this.#say(subjects.live(event.operatorId, event.type, event.runId), toLiveBody(event));
  }

  onLive(
    { operatorId = ANY, runId = ANY }: { readonly operatorId?: OperatorId; readonly runId?: RunId },
    hear: (event: LiveEvent) => void,
  ): Promise<Disposable> {
    return this.#listen(subjects.live(operatorId, ANY, runId), (_subject, body) => {
      const event = parseLiveBody(body);
      if (event !== undefined) hear(event);
    });
  }

  heartbeat(operatorId: OperatorId, body: JsonObject): void {
    this.#say(subjects.heartbeat(operatorId), body);
  }

  async deadLetter({ operatorId, reason, body }: Parameters<Signals["deadLetter"]>[0]): Promise<void> {
    const { logger } = this.#link;
    logger.warn({ operator_id: operatorId, reason, letter: body }, "dead letter");
    try {
      const subject = subjects.deadLetter(operatorId, reason);
      const outcome = await publishUntil(this.#link, { subject, body: toJsonText(body, "the dead letter") }, { repeatable: true });
      if (outcome.kind !== "stored") throw toOutcomeError("the dead letter is not stored", outcome);
    } catch (error) {
      logger.error({ operator_id: operatorId, reason, error: messageOf(error) }, "dead letter is lost");
    }
  }

  #say(subject: string, body: JsonObject): void {
    const lose = (error: unknown) => this.#link.logger.debug({ subject, error: messageOf(error) }, "a signal is lost");
    try {
      const bytes = Buffer.from(toJsonText(body, subject)); // the client's own encoder makes a buffer of its own for each
      this.#link.soon(() => {
        try {
          this.#link.nc.publish(subject, bytes);
        } catch (error) {
          lose(error);
        }
      });
    } catch (error) {
      lose(error);
    }
  }

  async #listen(subject: string, hear: (subject: string, body: JsonObject) => void): Promise<Disposable> {
    this.#link.assertOpen();
    const { nc, logger } = this.#link;
    const callback = (error: Error | null, message: Msg) => {
      try {
        if (error !== null) throw error;
        const body: unknown = JSON.parse(message.string());
        if (isPlainObject(body)) hear(message.subject, body as JsonObject);
      } catch (thrown) {
        logger.error({ subject, error: messageOf(thrown) }, "a signal is not readable, or its listener threw");
      }
    };
    const subscription = await this.#link.settle(nc.subscribe(subject, { callback }));
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }
}
