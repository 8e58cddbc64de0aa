import { isOpenVibeError, messageOf, type NodeContext, OpenVibeError, type Patch, type State, type StepCode } from "@openvibe/core";
import type { PlannedStep } from "@openvibe/graph";
import { type Completion, isWorthAnotherModel, type LlmRetry, withRetries } from "@openvibe/llm";
import { pause } from "./patience.ts";
import type { Pause } from "./pausing.ts";
import { isLongPause, parkForRetry, pauseAfter, triedBefore } from "./retrying.ts";
import type { StepDeps } from "./step-deps.ts";

type LlmCode = Extract<StepCode, { kind: "llm" }>;

/** The pause before the next attempt is too long to be held. */
class TryLater extends Error {
  readonly retry: LlmRetry;
  readonly model: string;
  constructor(retry: LlmRetry, model: string) {
    super("the next attempt comes later");
    this.retry = retry;
    this.model = model;
  }
}

/** One prompt and its reply; a reply that does not fit is shown to the model once. @throws OpenVibeError OV_LLM_… */
export async function runLlm(
  step: PlannedStep,
  code: LlmCode,
  state: State,
  ctx: NodeContext,
  deps: StepDeps,
): Promise<{ readonly patch: Patch } | Pause> {
  const { manifest } = step;
  if (manifest.kind !== "llm")
    throw new OpenVibeError("OV_DEFINITION_INVALID", `step ${manifest.id} is ${manifest.kind} in the manifest and llm in code`);
  const prompt = await code.prompt(state, ctx);
  const ask = createAsking(manifest, code, ctx, deps);
  const request = {
    maxTokens: manifest.max_tokens,
    ...(prompt.system === undefined ? {} : { system: prompt.system }),
    ...(manifest.temperature === undefined ? {} : { temperature: manifest.temperature }),
    ...(manifest.cache === true ? { cacheSystem: true } : {}),
    ...(code.schema === undefined ? {} : { schema: code.schema }),
  };
  try {
    const first = await ask({ ...request, user: prompt.user });
    try {
      return { patch: code.read(first.content, state) };
    } catch (error) {
      if (manifest.reply !== "json" || !isOpenVibeError(error, "OV_LLM_OUTPUT_INVALID")) throw error;
      const repaired = await ask({ ...request, user: repairPrompt(prompt.user, first.content, error.message) });
      return { patch: code.read(repaired.content, state) };
    }
  } catch (error) {
    if (!(error instanceof TryLater)) throw error;
    const { attempt, delayMs } = error.retry;
    return parkForRetry({
      nodeId: step.id,
      attempt,
      began: deps.began,
      delayMs,
      error: error.retry.error,
      now: ctx.now(),
      ...(manifest.fallback === undefined ? {} : { model: error.model }),
    });
  }
}

type LlmManifest = Extract<PlannedStep["manifest"], { kind: "llm" }>;
type Asking = (request: Omit<Parameters<StepDeps["llm"]["complete"]>[0], "model">) => Promise<Completion>;

/** Asks the step's model with its retries, then each of its others in turn; whoever has answered is asked first from then on. */
function createAsking({ model, fallback = [], attempts, retries }: LlmManifest, code: LlmCode, ctx: NodeContext, deps: StepDeps): Asking {
  const models = [model, ...fallback];
  const before = triedBefore(deps.woken);
  let turn = Math.max(0, models.indexOf(before?.model ?? model));
  let made = before?.attempt ?? 0;
  const asked = (name: string) => {
    let last: LlmRetry | undefined;
    return withRetries(deps.llm, {
      attempts,
      made,
      ...(retries === undefined ? {} : { pauseAfter: (attempt: number) => pauseAfter(retries, attempt), longestMs: retries.longest_ms }),
      ...(code.worthRetrying === undefined ? {} : { worthRetrying: code.worthRetrying }),
      onRetry: (retry) => {
        last = retry;
        deps.onRetry({ attempt: retry.attempt, delay_ms: retry.delayMs, error: messageOf(retry.error) });
      },
      async sleep(ms, signal) {
        if (last !== undefined && isLongPause(ms)) throw new TryLater(last, name);
        await pause(ms, signal);
      },
    });
  };
  return async (request) => {
    for (; ; turn++) {
      const name = models[turn] ?? model;
      const next = models[turn + 1];
      try {
        return await asked(name).complete({ ...request, model: name }, { signal: ctx.signal, onDelta: deps.onDelta });
      } catch (error) {
        if (next === undefined || ctx.signal.aborted || !isWorthAnotherModel(error)) throw error;
        deps.onRetry({ attempt: attempts, delay_ms: 0, error: messageOf(error), model: next });
      } finally {
        made = 0;
      }
    }
  };
}

/** One repair attempt: the model sees its answer and what is wrong with it. */
function repairPrompt(user: string, reply: string, error: string): string {
  return `${user}\n\nYour last answer was:\n${reply.slice(0, 4_000)}\n\nIt cannot be used: ${error}\nAnswer again, with nothing but JSON of the form that was asked for.`;
}
