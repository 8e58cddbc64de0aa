/** The questions of one node: a short one is held, a long one leaves the node, which is run again when it is answered. */
import { hash } from "node:crypto";
import type { RequestEnvelope } from "@openvibe/bus";
import {
  type AskOptions,
  type Clock,
  isOpenVibeError,
  type JsonValue,
  OpenVibeError,
  parseDuration,
  parseId,
  type Run,
} from "@openvibe/core";
import { AskNumbers } from "./ask-numbers.ts";
import type { DurableAsk, DurableAsks } from "./durable-asks.ts";
import { askHeld, type HeldAskDeps } from "./held-ask.ts";
import { type createOnce, findOnce } from "./once.ts";
import type { Tried } from "./retrying.ts";

const ASK_TIMEOUT_MS = 30_000;
/** Longer answers are waited for without a worker, where that can be. */
const LONGEST_HELD_ASK_MS = 300_000;

export interface NodeAsksDeps extends HeldAskDeps {
  readonly clock: Clock;
  /** Begins to keep questions that are waited for without a worker, where the step can be left for them. */
  readonly openAsks?: (isBusy: () => boolean, tried: () => Omit<Tried, "began">) => DurableAsks;
  /** What earlier attempts of the node came to, where a wait has kept it. */
  readonly tried?: Tried | undefined;
}

/** The node that asks. */
export interface AskingNode {
  /** `run r node n`. */
  readonly at: string;
  readonly effectKey: string;
  /** `ctx.once`: an answer is kept like the result of a sub-step. */
  readonly openOnce: () => ReturnType<typeof createOnce>;
  /** @throws OpenVibeError OV_NODE_FAILED */
  readonly refuseWhenClosed: (what: string) => void;
}

export class NodeAsks {
  readonly #deps: NodeAsksDeps;
  readonly #node: AskingNode;
  readonly #numbers: AskNumbers;
  #durable: DurableAsks | undefined;
  /** What the node waits for beside long answers. */
  #busy = 0;
  /** Sub-steps that wait for a long answer, and for nothing else. */
  readonly #waiting = new Set<object>();

  constructor(deps: NodeAsksDeps, node: AskingNode) {
    this.#deps = deps;
    this.#node = node;
    this.#numbers = new AskNumbers(deps.tried);
  }

  /** The node is not left for a question while it does something else. */
  async meanwhile<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work;
    } finally {
      this.#busy--;
      this.#durable?.parkWhenIdle();
    }
  }

  /** Counts questions anew. Gives what a pause before the next attempt keeps. */
  nextAttempt(): Omit<Tried, "began" | "model"> {
    return this.#numbers.nextAttempt();
  }

  /** `ctx.ask`: see there. */
  async ask<T extends JsonValue>(capability: string, body: JsonValue, options: AskOptions = {}): Promise<T> {
    const { run, clock, openAsks } = this.#deps;
    const { at, effectKey, refuseWhenClosed } = this.#node;
    refuseWhenClosed(`ctx.ask(${JSON.stringify(capability)})`);
    const [operatorId = "", name = "", rest] = capability.split(".");
    if (rest !== undefined)
      throw new OpenVibeError("OV_ID_INVALID", `ctx.ask: ${JSON.stringify(capability)} is not allowed: write "operator.capability"`);
    parseId(operatorId, "ctx.ask: operator");
    parseId(name, "ctx.ask: capability");
    const timeoutMs = readTimeout(options, `${at}: ctx.ask(${JSON.stringify(capability)}), timeout`);
    const number = this.#numbers.take();
    const request = { body, askId: `${effectKey}:${number.id}`, ...traceOf(run) };
    const isDurable = options.durable ?? (openAsks !== undefined && timeoutMs > LONGEST_HELD_ASK_MS);
    if (isDurable && openAsks === undefined)
      throw new OpenVibeError(
        "OV_NODE_FAILED",
        `${at}: ctx.ask(${JSON.stringify(capability)}) cannot be durable here: only a node of a workflow that keeps its steps can be left and run again`,
      );
    try {
      if (isDurable) return (await this.#askDurably({ operatorId, capability: name, request, timeoutMs })) as T;
      return (await this.meanwhile(askHeld(this.#deps, operatorId, name, { ...request, deadlineAt: clock.now() + timeoutMs }))) as T;
    } catch (error) {
      if (isOpenVibeError(error) && error.extra.answered_code === "OV_RUN_NOT_COMPLETED") number.failed();
      throw error;
    }
  }

  async #askDurably(ask: DurableAsk): Promise<JsonValue> {
    const within = findOnce();
    const found = await this.meanwhile(this.#findAnswer(ask));
    if (found !== OPEN) return found;
    // The sub-step it is asked in waits for the answer, and for nothing else.
    if (within !== undefined && !this.#waiting.has(within)) {
      this.#waiting.add(within);
      this.#busy--;
    }
    return await new Promise<never>(() => {}); // the node is run again
  }

  /** An answer is kept like the result of a sub-step: every pass of the node has the same one, whoever serves the other operator then. */
  async #findAnswer(ask: DurableAsk): Promise<JsonValue | typeof OPEN> {
    this.#durable ??= this.#deps.openAsks?.(
      () => this.#busy > 0,
      () => this.#numbers.tried,
    );
    const asks = this.#durable;
    let found: { readonly answer?: JsonValue } = {};
    const find = async () => {
      found = (await asks?.find(ask)) ?? {};
      if (found.answer === undefined) throw new StillOpen();
      return found.answer;
    };
    const { effectKey, openOnce } = this.#node;
    try {
      return await openOnce()<JsonValue>(toAskKey(ask.request.askId.slice(effectKey.length + 1)), find);
    } catch (error) {
      if (error instanceof StillOpen) return OPEN;
      // More than is kept within a node: it is asked for again.
      if (found.answer !== undefined && isOpenVibeError(error, "OV_BODY_TOO_LARGE")) return found.answer;
      throw error;
    }
  }
}

const OPEN = Symbol("a question without an answer yet");

class StillOpen extends Error {}

/** Which of a node's kept results is the answer. Keys of `ctx.once` are of 200 characters at most. */
function toAskKey(number: string): string {
  return `ask ${number.length <= 180 ? number : hash("sha256", number)}`;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
function readTimeout({ timeout, timeoutMs }: AskOptions, what: string): number {
  return timeout === undefined ? (timeoutMs ?? ASK_TIMEOUT_MS) : parseDuration(timeout, what);
}

/** What the asked operator does belongs to the same trace. */
function traceOf({ traceparent }: Run): Pick<RequestEnvelope, "traceparent"> {
  return traceparent === undefined ? {} : { traceparent };
}
