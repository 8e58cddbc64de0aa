import { isOpenVibeError, type Logger, type NodeId, type Run } from "@openvibe/core";
import type { Completion, LlmProvider } from "@openvibe/llm";
import { runFields } from "./log-fields.ts";
import type { RuntimeObserver } from "./observer.ts";

export interface LlmMeter {
  readonly run: Run;
  readonly nodeId: NodeId;
  readonly observer: RuntimeObserver;
  readonly logger: Logger;
  /** Hears of every call that was really made; `undefined` where it failed. */
  readonly count: (completion: Completion | undefined) => void;
}

/** The model as a node has it: every call really made is counted, whoever makes it. */
export function meterLlm(llm: LlmProvider, { run, nodeId, observer, logger, count }: LlmMeter): LlmProvider {
  return {
    name: llm.name,
    resolveModel: (model) => llm.resolveModel(model),
    complete: async (request, options) => {
      try {
        const completion = await llm.complete(request, options);
        count(completion);
        tellCompletion(observer, llm.name, completion);
        return completion;
      } catch (error) {
        count(undefined);
        observer.llmCalled({
          provider: llm.name,
          model: resolvedModel(llm, request.model),
          outcome: isOpenVibeError(error) ? error.code : "failed",
        });
        logger.debug({ ...runFields(run), node_id: nodeId, err: error }, "a model call failed");
        throw error;
      }
    },
  };
}

export function tellCompletion(observer: RuntimeObserver, provider: string, completion: Omit<Completion, "content">): void {
  const { model, tokensIn, tokensOut, cacheReadTokens, cacheWriteTokens, costUsd } = completion;
  observer.llmCalled({
    provider,
    model,
    outcome: "ok",
    tokensIn: tokensIn ?? 0,
    tokensOut: tokensOut ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
    costUsd,
  });
}

/** As a call that succeeds names it; a name that code made up is no label. */
function resolvedModel(llm: LlmProvider, model: string): string {
  try {
    return llm.resolveModel(model);
  } catch {
    return "unknown";
  }
}
