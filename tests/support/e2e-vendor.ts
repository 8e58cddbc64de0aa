import { setTimeout as sleep } from "node:timers/promises";
import { scriptedReply } from "@openvibe/operators/testing";
import { type AnthropicLoopbackOptions, type AnthropicRequest, startAnthropicLoopback } from "@openvibe/testing";

/** How the system prompts of our operators' model steps begin. */
const STEPS = { research: "You research companies", analyze: "You judge how good a prospect", score: "You score new leads" } as const;
export type Step = keyof typeof STEPS;

/** A model vendor on loopback, whose answers can be counted and held back. */
export interface Vendor extends AsyncDisposable {
  /** What makes a process use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Begins to count anew. */
  forget(): void;
  /** Requests of a step since then, all steps by default; `about` is a text that their user prompt holds. */
  asked(step?: Step, about?: string): readonly AnthropicRequest[];
  /** From now on an answer takes so long, in milliseconds. */
  slow(ms: number): void;
  /** Leaves a step's requests without an answer until it is disposed. */
  hold(step: Step): Disposable;
}

/** Starts one that knows our operators' prompts, or plays another script. */
export async function startVendor({ reply = scriptedReply }: Partial<Pick<AnthropicLoopbackOptions, "reply">> = {}): Promise<Vendor> {
  let from = 0;
  let slowMs = 0;
  const held = new Map<Step, Promise<void>>();
  const isStep = (step: Step, { system }: AnthropicRequest) => system?.startsWith(STEPS[step]) === true;
  const loopback = await startAnthropicLoopback({
    async reply(request) {
      if (slowMs > 0) await sleep(slowMs);
      for (const [step, released] of held) if (isStep(step, request)) await released;
      return reply(request);
    },
  });
  return {
    env: { OPENVIBE_LLM: "anthropic", ANTHROPIC_API_KEY: "none-needed", OPENVIBE_LLM_BASE_URL: loopback.url },
    forget() {
      from = loopback.requests.length;
    },
    asked: (step, about = "") =>
      loopback.requests.slice(from).filter((request) => (step === undefined || isStep(step, request)) && request.user.includes(about)),
    slow(ms) {
      slowMs = ms;
    },
    hold(step) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(step, promise);
      return {
        [Symbol.dispose]() {
          held.delete(step);
          resolve();
        },
      };
    },
    [Symbol.asyncDispose]: () => loopback[Symbol.asyncDispose](),
  };
}
