import { setTimeout as delay } from "node:timers/promises";
import { freeCompletion } from "../free-completion.ts";
import type { Completion, LlmCallOptions, LlmProvider, LlmRequest } from "../llm-provider.ts";
import { resolveAlias } from "../models.ts";
import { type OwnAliases, withOwnAliases } from "../own-aliases.ts";
import { sampleOf } from "./sample-of.ts";

export interface EchoOptions {
  /** Time for each answer, in milliseconds; 0 by default. */
  readonly delayMs?: number;
  /** What aliases stand for in its answers. */
  readonly aliases?: OwnAliases | undefined;
}

const ALIASES = { haiku: "echo-haiku", sonnet: "echo-sonnet", opus: "echo-opus", fast: "echo-fast", smart: "echo-smart" };
/** Characters of the prompt that a text answer repeats. */
const MAX_ECHO = 200;

/**
 * No model at all: answers at once, offline, free, and the same for the same request, so that any operator runs without a key. A text
 * answer is `[echo] ` and the beginning of the user prompt; with a schema it is the smallest JSON that fits, whose texts name their fields.
 */
export function createEcho({ delayMs = 0, aliases: own }: EchoOptions = {}): LlmProvider {
  const aliases = withOwnAliases(ALIASES, own);
  const resolveModel = (model: string) => resolveAlias("echo", aliases, model);
  return {
    name: "echo",
    resolveModel,
    async complete(request: LlmRequest, { signal, onDelta }: LlmCallOptions): Promise<Completion> {
      signal.throwIfAborted();
      const model = resolveModel(request.model);
      if (delayMs > 0) await delay(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());

      const content = request.schema === undefined ? echoText(request) : JSON.stringify(sampleOf(request.schema));
      if (onDelta !== undefined) for (const piece of content.match(/\s*\S+|\s+$/g) ?? []) onDelta(piece);
      return freeCompletion(content, request, model);
    },
  };
}

function echoText({ user }: LlmRequest): string {
  const line = user.replace(/\s+/g, " ").trim();
  return `[echo] ${line.length > MAX_ECHO ? `${cut(line)}…` : line}`;
}

/** Never half of a surrogate pair. */
function cut(line: string): string {
  return line.slice(0, MAX_ECHO).replace(/[\uD800-\uDBFF]$/, "");
}
