import { setTimeout as delay } from "node:timers/promises";
import { isOpenVibeError, OpenVibeError } from "@openvibe/core";
import type { Completion, LlmCallOptions, LlmProvider, LlmRequest } from "./llm-provider.ts";

export interface RetryOptions {
  /** Attempts in all, the first included; 3 by default. */
  readonly attempts?: number;
  /** Attempts that were made before; 0 by default. */
  readonly made?: number;
  /** The pause after an attempt (counted from 1) has failed, in milliseconds; exponential with full jitter, from 500 ms up to 30 s, by default. */
  readonly pauseAfter?: (attempt: number) => number;
  /** A vendor that asks for a longer pause is not waited for; 30 s by default. */
  readonly longestMs?: number;
  /** Whether an error is worth another attempt; by default those are that may pass by themselves. */
  readonly worthRetrying?: (error: unknown) => boolean;
  /** Hears of a failed attempt before the wait for the next one: what it streamed through `onDelta` does not count. */
  readonly onRetry?: (retry: LlmRetry) => void;
  /** Waits; ends at once when the signal aborts. Real time by default. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Between 0 and 1; `Math.random` by default. */
  readonly random?: () => number;
}

export interface LlmRetry {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly error: OpenVibeError;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
}

const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * Tries again what may pass by itself (OV_LLM_UNAVAILABLE, OV_LLM_RATE_LIMITED, OV_LLM_TIMEOUT, OV_LLM_RESPONSE_INVALID), after a backoff,
 * and never before the time that the vendor asks for. A vendor that asks for too long is not waited for: its error is the answer. The last
 * attempt's error is thrown as it came. Holds nothing: wrap per step as you like.
 * @throws OpenVibeError OV_CONFIG_INVALID when `attempts` is no whole number from 1 on
 */
export function withRetries(provider: LlmProvider, options: RetryOptions = {}): LlmProvider {
  const { attempts = 3 } = options;
  if (!Number.isSafeInteger(attempts) || attempts < 1)
    throw new OpenVibeError("OV_CONFIG_INVALID", `attempts of a model call is ${attempts}; a whole number from 1 on is allowed`);
  return {
    name: provider.name,
    resolveModel: (model) => provider.resolveModel(model),
    complete: (request, call) => completeWithRetries(provider, request, call, { ...options, attempts }),
  };
}

async function completeWithRetries(
  provider: LlmProvider,
  request: LlmRequest,
  call: LlmCallOptions,
  options: RetryOptions & { readonly attempts: number },
): Promise<Completion> {
  const { attempts, made = 0, longestMs = CAP_MS, worthRetrying = mayPass, onRetry, sleep = realSleep, random = Math.random } = options;
  const pauseAfter = options.pauseAfter ?? ((attempt) => Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1))));
  for (let attempt = made + 1; ; attempt++) {
    try {
      return await provider.complete(request, call);
    } catch (error) {
      call.signal.throwIfAborted();
      if (attempt >= attempts || !isOpenVibeError(error) || !worthRetrying(error)) throw error;
      const { retryAfterMs = 0 } = error;
      if (retryAfterMs > longestMs) throw error;
      const delayMs = Math.max(retryAfterMs, pauseAfter(attempt));
      onRetry?.({ attempt, error, delayMs });
      await sleep(delayMs, call.signal).catch((cause: unknown) => {
        call.signal.throwIfAborted(); // the reason the caller gave, not the timer's own
        throw cause;
      });
      call.signal.throwIfAborted();
    }
  }
}

function mayPass(error: unknown): boolean {
  return isOpenVibeError(error, "OV_LLM_UNAVAILABLE", "OV_LLM_RATE_LIMITED", "OV_LLM_TIMEOUT", "OV_LLM_RESPONSE_INVALID");
}

/** Whether another model may answer where this one does not: it cannot be reached, is gone, or will not. A wrong key is wrong for all of them. */
export function isWorthAnotherModel(error: unknown): boolean {
  return mayPass(error) || isOpenVibeError(error, "OV_LLM_REFUSED", "OV_LLM_REQUEST_REFUSED", "OV_MODEL_UNKNOWN");
}

function realSleep(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal });
}
