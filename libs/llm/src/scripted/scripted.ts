import { freeCompletion } from "../free-completion.ts";
import type { Completion, LlmCallOptions, LlmProvider, LlmRequest } from "../llm-provider.ts";
import { type ModelAlias, resolveAlias } from "../models.ts";

/** Says what the model answers: a text, a whole completion, or the error of the call (given or thrown). */
export type Script = (request: LlmRequest, call: LlmCallOptions) => ScriptedReply | Promise<ScriptedReply>;
type ScriptedReply = string | Completion | Error;

export interface ScriptedOptions {
  /** What the aliases stand for; `scripted-<alias>` by default. */
  readonly aliases?: Partial<Record<ModelAlias, string>>;
}

/** A model that a test wrote, with all that it was asked, oldest first. */
export interface ScriptedLlm extends LlmProvider {
  readonly requests: readonly LlmRequest[];
}

const ALIASES = {
  haiku: "scripted-haiku",
  sonnet: "scripted-sonnet",
  opus: "scripted-opus",
  fast: "scripted-fast",
  smart: "scripted-smart",
};

/**
 * A model driven by a function, for tests of operators: free, offline, tells its text in one piece. A script that never answers still ends
 * when the caller's signal aborts.
 * @example `createScripted(({ user }) => (user.includes("score") ? '{"fit_score": 85}' : "Hello"))`
 */
export function createScripted(script: Script, { aliases = {} }: ScriptedOptions = {}): ScriptedLlm {
  const requests: LlmRequest[] = [];
  const resolveModel = (model: string) => resolveAlias("scripted", { ...ALIASES, ...aliases }, model);
  return {
    name: "scripted",
    requests,
    resolveModel,
    async complete(request, call) {
      call.signal.throwIfAborted();
      const model = resolveModel(request.model);
      requests.push(request);
      const reply = await untilAborted(async () => await script(request, call), call.signal);
      if (reply instanceof Error) throw reply;
      const completion = typeof reply === "string" ? freeCompletion(reply, request, model) : reply;
      if (completion.content !== "") call.onDelta?.(completion.content);
      return completion;
    },
  };
}

async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    work().then(resolve, reject);
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort); // a run's signal outlives its calls
  }
}
