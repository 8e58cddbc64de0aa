import { ANY, type Clock, type JsonValue, type OperatorId } from "@openvibe/core";
import { toJsonText } from "../limits.ts";
import { askTimeout, noResponder, readReply, toErrorReply } from "../reply.ts";
import type { RequestEnvelope, Requests } from "../requests.ts";
import { assertOpen } from "./open.ts";

type Answer = (request: RequestEnvelope) => Promise<JsonValue>;
type AnswerForAll = (operatorId: OperatorId, request: RequestEnvelope) => Promise<JsonValue>;

/** Somebody who answers, and the answers still being made. */
interface Answerer {
  readonly answer: AnswerForAll;
  readonly running: Set<Promise<unknown>>;
}

export interface MemoryRequestsOptions {
  readonly clock: Clock;
  readonly closing: AbortSignal;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Requests between operators of one process. Bodies and replies pass as JSON text, as they would on a wire: nothing is shared by reference. */
export class MemoryRequests implements Requests {
  readonly #options: MemoryRequestsOptions;
  readonly #answerers = new Map<string, Answerer[]>();

  constructor(options: MemoryRequestsOptions) {
    this.#options = options;
  }

  async ask(operatorId: OperatorId, capability: string, request: RequestEnvelope, signal?: AbortSignal): Promise<JsonValue> {
    assertOpen(this.#options.closing);
    signal?.throwIfAborted();
    const text = toJsonText(request.body, `the request to ${operatorId}.${capability}`);
    const own = this.#answerers.get(keyOf(operatorId, capability)) ?? [];
    const answerers = own.length > 0 ? own : this.#answerers.get(keyOf(ANY, capability));
    const chosen = answerers?.shift();
    if (answerers === undefined || chosen === undefined) throw noResponder(operatorId, capability);
    answerers.push(chosen); // each gets its turn
    const leftMs = Math.min(request.deadlineAt - this.#options.clock.now(), LONGEST_TIMER_MS);
    if (leftMs <= 0) throw askTimeout(operatorId, capability);
    const reply = await untilDeadline(run(chosen, operatorId, { ...request, body: JSON.parse(text) as JsonValue }), {
      leftMs,
      signal,
      late: () => askTimeout(operatorId, capability),
    });
    return readReply(JSON.parse(reply) as JsonValue, operatorId, capability);
  }

  answer(operatorId: OperatorId, capability: string, answer: Answer): Promise<AsyncDisposable> {
    return this.#answer(keyOf(operatorId, capability), (_, request) => answer(request));
  }

  answerForAll(capability: string, answer: AnswerForAll): Promise<AsyncDisposable> {
    return this.#answer(keyOf(ANY, capability), answer);
  }

  async #answer(key: string, answer: AnswerForAll): Promise<AsyncDisposable> {
    assertOpen(this.#options.closing);
    const answerer: Answerer = { answer, running: new Set() };
    this.#answerers.set(key, [...(this.#answerers.get(key) ?? []), answerer]);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#answerers.set(
          key,
          (this.#answerers.get(key) ?? []).filter((one) => one !== answerer),
        );
        await Promise.allSettled(answerer.running);
      },
    };
  }

  /** One process: nobody looks from outside. */
  async announce(): Promise<AsyncDisposable> {
    assertOpen(this.#options.closing);
    return { [Symbol.asyncDispose]: async () => {} };
  }
}

function keyOf(operatorId: OperatorId, capability: string): string {
  return `${operatorId}.${capability}`;
}

/** Makes the answer in a turn of its own; gives its JSON text, an error as one. */
async function run({ answer, running }: Answerer, operatorId: OperatorId, request: RequestEnvelope): Promise<string> {
  const answering = (async () => {
    await undefined;
    try {
      return toJsonText(await answer(operatorId, request), "the reply");
    } catch (error) {
      return toJsonText(toErrorReply(error), "the error reply");
    }
  })();
  running.add(answering);
  return answering.finally(() => running.delete(answering));
}

async function untilDeadline<T>(
  answering: Promise<T>,
  { leftMs, signal, late }: { leftMs: number; signal: AbortSignal | undefined; late: () => Error },
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), leftMs);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([answering, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
