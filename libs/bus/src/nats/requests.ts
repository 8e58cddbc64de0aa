import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import { ANY, type JsonValue, newToken, OpenVibeError, type OperatorId, parseStrictJson, subjects } from "@openvibe/core";
import { operatorConsumerName } from "@openvibe/nats";
import { toHops } from "../hops.ts";
import { toJsonText } from "../limits.ts";
import { askTimeout, DEFAULT_ASK_MS, noResponder, readReply, toErrorReply } from "../reply.ts";
import type { RequestEnvelope, Requests, ServedHere } from "../requests.ts";
import { isNoResponders, isTimeout, toBusError } from "./errors.ts";
import { parseHeaderText } from "./header-text.ts";
import type { Link } from "./link.ts";
import { AnswerCount, announceService } from "./services.ts";
import { headerLine, WrittenHeaders } from "./written-headers.ts";

const ASK_ID = "ov-ask-id";
const DEADLINE = "ov-deadline";
const TRACEPARENT = "traceparent";
const HOPS = "ov-hops";
const PARENT = "ov-parent-run-id";
const CHILD_DEADLINE = "ov-child-deadline";
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Answer = (request: RequestEnvelope) => Promise<JsonValue>;
type AnswerForAll = (operatorId: OperatorId, request: RequestEnvelope) => Promise<JsonValue>;

/** Core request and reply: the wire body is the request's body and the reply's is the answer, so that programs of any language ask and answer. */
export class NatsRequests implements Requests {
  readonly #link: Link;
  /** By subject, for whoever asks for figures. */
  readonly #counts = new Map<string, AnswerCount>();

  constructor(link: Link) {
    this.#link = link;
  }

  async ask(operatorId: OperatorId, capability: string, request: RequestEnvelope, signal?: AbortSignal): Promise<JsonValue> {
    const link = this.#link;
    link.assertOpen();
    signal?.throwIfAborted();
    const text = toJsonText(request.body, `the request to ${operatorId}.${capability}`);
    // Not waited for: who asks decides what to do without an answer.
    if (!link.connected)
      throw new OpenVibeError("OV_BUS_UNAVAILABLE", `${operatorId}.${capability} cannot be asked: the connection to NATS is lost`);
    const leftMs = Math.min(request.deadlineAt - Date.now(), LONGEST_TIMER_MS);
    if (leftMs <= 0) throw askTimeout(operatorId, capability);
    let reply: Msg;
    try {
      const asking = link.answers.askSoon(subjects.request(operatorId, capability), text, {
        timeoutMs: leftMs,
        headers: toHeaders(request),
      });
      reply = await (signal === undefined ? asking : unlessAborted(asking, signal));
    } catch (cause) {
      if (signal?.aborted === true) throw cause;
      if (isNoResponders(cause)) throw noResponder(operatorId, capability, cause);
      if (isTimeout(cause)) throw askTimeout(operatorId, capability, cause);
      throw toBusError(`${operatorId}.${capability} cannot be asked`, cause);
    }
    return readReply(parseBody(reply.string(), operatorId, capability), operatorId, capability);
  }

  answer(operatorId: OperatorId, capability: string, answer: Answer): Promise<AsyncDisposable> {
    return this.#answer(subjects.request(operatorId, capability), operatorConsumerName(operatorId), (_, request) => answer(request));
  }

  answerForAll(capability: string, answer: AnswerForAll): Promise<AsyncDisposable> {
    return this.#answer(subjects.request(ANY, capability), capability, answer);
  }

  async #answer(subject: string, queue: string, answer: AnswerForAll): Promise<AsyncDisposable> {
    const link = this.#link;
    link.assertOpen();
    const running = new Set<Promise<void>>();
    const callback = (error: Error | null, message: Msg) => {
      if (error !== null) return;
      const work = link.track(reply(link, message, answer, this.#countOf(subject)));
      running.add(work);
      void work.finally(() => running.delete(work));
    };
    const subscription = await link.settle(link.nc.subscribe(subject, { queue, callback }));
    return {
      [Symbol.asyncDispose]: async () => {
        // Others in the group get the next ones; those that are here are answered.
        await link.finish(subscription);
        await Promise.allSettled(running);
      },
    };
  }

  announce(served: ServedHere): Promise<AsyncDisposable> {
    return announceService(this.#link, served, (subject) => this.#countOf(subject));
  }

  #countOf(subject: string): AnswerCount {
    const count = this.#counts.get(subject) ?? new AnswerCount();
    this.#counts.set(subject, count);
    return count;
  }
}

function toHeaders({ askId, deadlineAt, traceparent, hops, child }: RequestEnvelope): MsgHdrs {
  const asked = headerLine(ASK_ID, askId) + headerLine(DEADLINE, Math.floor(deadlineAt));
  const parent = child === undefined ? "" : headerLine(PARENT, child.parentRunId) + headerLine(CHILD_DEADLINE, Math.floor(child.deadline));
  return new WrittenHeaders(asked + headerLine(TRACEPARENT, traceparent) + headerLine(HOPS, hops) + parent);
}

/** Never rejects: what goes wrong goes back. */
async function reply(link: Link, message: Msg, answer: AnswerForAll, count: AnswerCount): Promise<void> {
  const [, operatorId = "", , capability] = message.subject.split(".");
  const began = performance.now();
  let failure: unknown;
  let text: string;
  try {
    text = toJsonText(await answer(operatorId, parseRequest(message, `the request to ${operatorId}.${capability}`)), "the reply");
  } catch (error) {
    failure = error;
    text = JSON.stringify(toErrorReply(error));
  }
  count.add(performance.now() - began, failure);
  link.soon(() => {
    try {
      message.respond(text);
    } catch {
      // The connection is closed: the asker's deadline tells him.
    }
  });
}

function parseRequest(message: Msg, what: string): RequestEnvelope {
  const header = (name: string) => message.headers?.get(name) ?? "";
  const [askId, deadline, traceparent, parent] = [header(ASK_ID), Number(header(DEADLINE)), header(TRACEPARENT), header(PARENT)];
  return {
    body: message.data.length === 0 ? null : parseStrictJson(message.string(), what),
    askId: askId === "" ? newToken() : parseHeaderText(askId),
    deadlineAt: deadline > 0 ? deadline : Date.now() + DEFAULT_ASK_MS,
    ...(traceparent === "" ? {} : { traceparent }),
    ...toHops(Number(header(HOPS))),
    ...(parent === "" ? {} : { child: { parentRunId: parseHeaderText(parent), deadline: Number(header(CHILD_DEADLINE)) } }),
  };
}

function parseBody(text: string, operatorId: OperatorId, capability: string): JsonValue {
  try {
    return text === "" ? null : (JSON.parse(text) as JsonValue);
  } catch (cause) {
    throw new OpenVibeError("OV_ASK_FAILED", `${operatorId}.${capability} answered with something that is not JSON`, { cause });
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
