import { isPlainObject, type JsonObject, type JsonValue, newToken, OpenVibeError, type OperatorId, parseStrictJson } from "@openvibe/core";
import { toHops } from "../hops.ts";
import { toJsonText } from "../limits.ts";
import { askTimeout, DEFAULT_ASK_MS, noResponder, readReply, toErrorReply } from "../reply.ts";
import type { RequestEnvelope, Requests } from "../requests.ts";
import { toBusError } from "./errors.ts";
import type { Link } from "./link.ts";
import { ASK } from "./requests-script.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const ANYBODY = "*";
/** Where the operator stands in the channel of who answers for all of them: no id. */
const ALL = "~all";

type Answer = (request: RequestEnvelope) => Promise<JsonValue>;
type AnswerForAll = (operatorId: OperatorId, request: RequestEnvelope) => Promise<JsonValue>;

interface Waiting {
  readonly resolve: (reply: JsonValue) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Requests and replies by publishing: who answers listens on a channel of his own, who asks on one for all replies. Nothing is kept. A request is
 * `{id, operator_id, reply_to, ask_id, deadline, traceparent?, hops?, body}`, a reply `{id, reply}`, so that programs of any language ask and answer.
 */
export class RedisRequests implements Requests {
  readonly #link: Link;
  readonly #waiting = new Map<string, Waiting>();
  readonly #inbox: string;
  #listening: Promise<unknown> | undefined;
  #turn = 0;

  constructor(link: Link) {
    this.#link = link;
    this.#inbox = link.keys.reply(newToken());
    link.ear.onChange(() => {
      if (!link.ear.connected) this.#loseAll();
    });
  }

  async ask(operatorId: OperatorId, capability: string, request: RequestEnvelope, signal?: AbortSignal): Promise<JsonValue> {
    const link = this.#link;
    link.assertOpen();
    signal?.throwIfAborted();
    const body = toJsonText(request.body, `the request to ${operatorId}.${capability}`);
    // Not waited for: who asks decides what to do without an answer.
    if (!link.connected || !link.ear.connected)
      throw new OpenVibeError("OV_BUS_UNAVAILABLE", `${operatorId}.${capability} cannot be asked: the connection to Redis is lost`);
    const leftMs = Math.min(request.deadlineAt - Date.now(), LONGEST_TIMER_MS);
    if (leftMs <= 0) throw askTimeout(operatorId, capability);
    await this.#listen();
    const id = newToken();
    const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
    this.#waiting.set(id, { resolve, reject });
    const timer = setTimeout(() => reject(askTimeout(operatorId, capability)), leftMs);
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      const [own, all] = [operatorId, ALL].map((operator) => link.keys.request(operator, capability, ANYBODY));
      const args = [own ?? "", this.#toMessage(id, operatorId, request, body), this.#turn++, all ?? ""];
      link.run(ASK, [], args).then(
        (heard) => {
          if (heard !== 1) reject(noResponder(operatorId, capability));
        },
        (cause: unknown) => reject(toBusError(`${operatorId}.${capability} cannot be asked`, cause)),
      );
      return readReply(await promise, operatorId, capability);
    } finally {
      this.#waiting.delete(id);
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  answer(operatorId: OperatorId, capability: string, answer: Answer): Promise<AsyncDisposable> {
    return this.#answerAs(operatorId, capability, (_, request) => answer(request));
  }

  answerForAll(capability: string, answer: AnswerForAll): Promise<AsyncDisposable> {
    return this.#answerAs(ALL, capability, answer);
  }

  async #answerAs(operator: string, capability: string, answer: AnswerForAll): Promise<AsyncDisposable> {
    const link = this.#link;
    link.assertOpen();
    const running = new Set<Promise<void>>();
    const channel = link.keys.request(operator, capability, newToken());
    const end = await link.ear.listen(link, channel, (message) => {
      const work = link.track(this.#answer(message, answer, `the request to ${operator}.${capability}`));
      running.add(work);
      void work.finally(() => running.delete(work));
    });
    return {
      [Symbol.asyncDispose]: async () => {
        // Others get the next ones; those that are here are answered.
        await end();
        await Promise.allSettled(running);
      },
    };
  }

  /** Redis knows no services: nobody looks for them there. */
  async announce(): Promise<AsyncDisposable> {
    this.#link.assertOpen();
    return { [Symbol.asyncDispose]: async () => {} };
  }

  #toMessage(id: string, operatorId: OperatorId, { askId, deadlineAt, traceparent, hops, child }: RequestEnvelope, body: string): string {
    const trace = traceparent === undefined ? "" : `"traceparent":${JSON.stringify(traceparent)},`;
    const head = `"id":"${id}","operator_id":${JSON.stringify(operatorId)},"reply_to":"${this.#inbox}","ask_id":${JSON.stringify(askId)},"deadline":${Math.floor(deadlineAt)}`;
    const parent =
      child === undefined ? "" : `"parent_run_id":${JSON.stringify(child.parentRunId)},"child_deadline":${Math.floor(child.deadline)},`;
    const counted = hops === undefined ? "" : `"hops":${hops},`;
    return `{${head},${trace}${counted}${parent}"body":${body}}`;
  }

  /** Never rejects: what goes wrong goes back. */
  async #answer(message: string, answer: AnswerForAll, what: string): Promise<void> {
    let envelope: JsonObject = {};
    let text: string;
    try {
      const parsed = parseStrictJson(message, what);
      if (!isPlainObject(parsed)) throw new OpenVibeError("OV_JSON_INVALID", `${what} is no object`);
      envelope = parsed as JsonObject;
      text = toJsonText(await answer(String(envelope.operator_id ?? ""), parseRequest(envelope)), "the reply");
    } catch (error) {
      text = JSON.stringify(toErrorReply(error));
    }
    const { id, reply_to } = envelope;
    if (typeof id !== "string" || typeof reply_to !== "string") return; // nobody waits
    this.#link.tell("reply", this.#link.call("PUBLISH", reply_to, `{"id":${JSON.stringify(id)},"reply":${text}}`));
  }

  /** The channel for replies, from the first ask on. */
  #listen(): Promise<unknown> {
    this.#listening ??= this.#link.ear
      .listen(this.#link, this.#inbox, (message) => {
        const { id, reply } = JSON.parse(message) as { id?: string; reply?: JsonValue };
        this.#waiting.get(id ?? "")?.resolve(reply ?? null);
      })
      .catch((error: unknown) => {
        this.#listening = undefined;
        throw error;
      });
    return this.#listening;
  }

  /** What is answered meanwhile is not heard. */
  #loseAll(): void {
    for (const { reject } of this.#waiting.values())
      reject(new OpenVibeError("OV_BUS_UNAVAILABLE", "the connection to Redis was lost before the answer came"));
  }
}

function parseRequest({ ask_id, deadline, traceparent, hops, parent_run_id, child_deadline, body = null }: JsonObject): RequestEnvelope {
  return {
    body,
    askId: typeof ask_id === "string" && ask_id !== "" ? ask_id : newToken(),
    deadlineAt: typeof deadline === "number" && deadline > 0 ? deadline : Date.now() + DEFAULT_ASK_MS,
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    ...toHops(hops),
    ...(typeof parent_run_id === "string" ? { child: { parentRunId: parent_run_id, deadline: Number(child_deadline) } } : {}),
  };
}
