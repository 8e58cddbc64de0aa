import { type ControlVerb, isPlainObject, type JsonObject, type LiveEvent, messageOf, type OperatorId, type RunId } from "@openvibe/core";
import { toJsonText } from "../limits.ts";
import { parseLiveBody, toLiveBody } from "../live-body.ts";
import type { ControlSignal, Signals } from "../signals.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";

const ALL = "*";
const MAX_LETTERS = 10_000;

/** Published to whoever listens, kept by nobody: a channel per run; who listens to more than a run takes all and lets go what he does not mean. Dead letters are stored. */
export class RedisSignals implements Signals {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  control({ operatorId, verb, runId, body }: ControlSignal): void {
    this.#say(this.#link.keys.control(verb, runId), { operator_id: operatorId, run_id: runId, body });
  }

  onControl(
    { operatorId, verb, runId }: { readonly operatorId?: OperatorId; readonly verb: ControlVerb; readonly runId?: RunId },
    hear: (signal: ControlSignal) => void,
  ): Promise<Disposable> {
    return this.#listen(this.#link.keys.control(verb, runId ?? ALL), ({ operator_id, run_id, body }) => {
      if (typeof operator_id !== "string" || typeof run_id !== "string" || !isPlainObject(body)) return;
      if (operatorId === undefined || operatorId === operator_id)
        hear({ operatorId: operator_id, verb, runId: run_id, body: body as JsonObject });
    });
  }

  live(event: LiveEvent): void {
    this.#say(this.#link.keys.live(event.runId), toLiveBody(event));
  }

  onLive(
    { operatorId, runId }: { readonly operatorId?: OperatorId; readonly runId?: RunId },
    hear: (event: LiveEvent) => void,
  ): Promise<Disposable> {
    return this.#listen(this.#link.keys.live(runId ?? ALL), (body) => {
      const event = parseLiveBody(body);
      if (event !== undefined && (operatorId === undefined || operatorId === event.operatorId)) hear(event);
    });
  }

  heartbeat(operatorId: OperatorId, body: JsonObject): void {
    this.#say(this.#link.keys.heartbeat(operatorId), body);
  }

  async deadLetter({ operatorId, reason, body }: Parameters<Signals["deadLetter"]>[0]): Promise<void> {
    const { logger, keys } = this.#link;
    logger.warn({ operator_id: operatorId, reason, letter: body }, "dead letter");
    try {
      const text = toJsonText(body, "the dead letter");
      const fields = ["operator", operatorId ?? "", "reason", reason, "body", text];
      await persist(this.#link, "the dead letter is not stored", () =>
        this.#link.call("XADD", keys.deadLetters, "MAXLEN", "~", String(MAX_LETTERS), "*", ...fields),
      );
    } catch (error) {
      logger.error({ operator_id: operatorId, reason, error: messageOf(error) }, "dead letter is lost");
    }
  }

  #say(channel: string, body: JsonObject): void {
    if (this.#link.closed) return;
    try {
      this.#link.tell(channel, this.#link.call("PUBLISH", channel, toJsonText(body, channel)));
    } catch (error) {
      this.#link.logger.debug({ channel, error: messageOf(error) }, "a signal is lost");
    }
  }

  async #listen(channel: string, hear: (body: JsonObject) => void): Promise<Disposable> {
    this.#link.assertOpen();
    const end = await this.#link.ear.listen(this.#link, channel, (message) => {
      const body: unknown = JSON.parse(message);
      if (isPlainObject(body)) hear(body as JsonObject);
    });
    return { [Symbol.dispose]: () => void end() };
  }
}
