import Anthropic from "@anthropic-ai/sdk";
import { type Clock, isOpenVibeError, type Logger, OpenVibeError, silentLogger, systemClock } from "@openvibe/core";
import { costOf } from "../cost-of.ts";
import type { Completion, LlmCallOptions, LlmProvider, LlmRequest } from "../llm-provider.ts";
import { ALIASES, MODELS } from "../model-data.ts";
import { findModel, looksLikeId, type Model, resolveAlias } from "../models.ts";
import { type OwnAliases, withOwnAliases } from "../own-aliases.ts";
import { type CallGuard, guardCall } from "./call-guard.ts";
import { fetchBounded } from "./fetch-bounded.ts";
import { parseMessage, type VendorMessage } from "./parse-message.ts";
import { readJson } from "./read-body.ts";
import { readEvents } from "./read-events.ts";
import { toLlmError } from "./to-llm-error.ts";
import { toMessageBody } from "./to-message-body.ts";

export interface AnthropicOptions {
  readonly apiKey: string;
  /** `https://api.anthropic.com` by default. With one of your own, model ids of any vendor pass. */
  readonly baseUrl?: string;
  /** For one call, from its beginning to the last byte of the answer, in milliseconds; 600,000 by default. */
  readonly timeoutMs?: number;
  /** The longest silence once an answer has begun, in milliseconds; 60,000 by default. */
  readonly idleMs?: number;
  /** Models and prices that go before the ones we know. */
  readonly prices?: readonly Model[];
  /** What aliases stand for instead of our own models. */
  readonly aliases?: OwnAliases | undefined;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

const BASE_URL = "https://api.anthropic.com";
/** Longer answers are streamed even when nobody listens: no proxy on the way sees a connection without bytes for minutes. */
const STREAM_ABOVE_TOKENS = 8_192;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Anthropic's models through the official SDK, its own retries, tracing and printing off: one call is one request. Deadlines cover the body
 * and end with the socket destroyed; an answer above 16 MB, or that is no complete message, is no answer.
 *
 * Since API version 2026-10-21 `temperature` is refused for today's models even at its default, so it is sent only to the old ones that
 * take it (`takesTemperature` of a model). A schema is enforced by the vendor (`output_config.format`) as far as its subset of JSON Schema
 * goes.
 * @throws OpenVibeError OV_CONFIG_INVALID for a key, address or time that cannot work
 */
export function createAnthropic(options: AnthropicOptions): LlmProvider {
  const { apiKey, timeoutMs = 600_000, idleMs = 60_000, logger = silentLogger, clock = systemClock } = options;
  checkOptions(options, { timeoutMs, idleMs });
  const sdkTimeoutMs = Math.ceil(timeoutMs) + 10_000; // ours comes first
  const models = [...(options.prices ?? []), ...MODELS];
  const isId = options.baseUrl === undefined ? (model: string) => looksLikeId(model) && model.includes("claude") : looksLikeId;
  const aliases = withOwnAliases(ALIASES.anthropic, options.aliases);
  const resolveModel = (model: string) => resolveAlias("anthropic", aliases, model, isId);
  const client = new Anthropic({
    apiKey,
    baseURL: options.baseUrl ?? BASE_URL,
    maxRetries: 0,
    openTelemetry: false,
    logLevel: "off",
    fetch: fetchBounded,
    fetchOptions: { redirect: "manual" }, // a redirect could carry the prompt elsewhere
  });
  const told = new Set<string>();
  const tellOnce = (level: "info" | "warn", model: string, message: string, fields: object) => {
    const fact = `${message}:${model}`;
    if (told.has(fact) || told.size >= 1_000) return;
    told.add(fact);
    logger[level]({ model, ...fields }, message);
  };

  async function complete(request: LlmRequest, { signal, onDelta }: LlmCallOptions): Promise<Completion> {
    signal.throwIfAborted();
    const modelId = resolveModel(request.model);
    const known = findModel(modelId, models);
    if (known?.retiresOn !== undefined) tellOnce("warn", modelId, "model retires", { retires_on: known.retiresOn });
    if (request.temperature !== undefined && known?.takesTemperature !== true) tellOnce("info", modelId, "model takes no temperature", {});
    const stream = onDelta !== undefined || request.maxTokens > STREAM_ABOVE_TOKENS;
    const body = toMessageBody(request, { modelId, stream, takesTemperature: known?.takesTemperature === true });

    using guard = guardCall(signal, { timeoutMs, idleMs, what: `anthropic, model ${modelId}` });
    try {
      const response = await ask(body, guard, { request, modelId });
      const about = { modelId, guard };
      const message = parseMessage(stream ? await readEvents(response, about, onDelta) : await readJson(response, about), about);
      const completion = toCompletion(message);
      if (completion.costUsd === null) tellOnce("warn", completion.model, "cost of a model call is unknown", {});
      return completion;
    } catch (error) {
      throw guard.ended === undefined ? error : guard.ended.reason; // whatever the abort made of the request, its reason is the answer
    }
  }

  /**
   * The request as far as the answer's headers. Not `messages.create`: that prints to the console on every call of a model that retires.
   */
  async function ask(body: object, guard: CallGuard, { request, modelId }: { request: LlmRequest; modelId: string }): Promise<Response> {
    try {
      return await client.post("/v1/messages", { body, signal: guard.signal, timeout: sdkTimeoutMs }).asResponse();
    } catch (error) {
      throw isOpenVibeError(error)
        ? error
        : toLlmError(error, { modelId, now: clock.now(), secrets: [apiKey, request.user, request.system ?? ""] });
    }
  }

  function toCompletion({ content, model, usage, plainRate }: VendorMessage): Completion {
    const { cacheWriteHourTokens: _, ...tokens } = usage;
    return { content, model, ...tokens, costUsd: plainRate ? costOf(usage, model, clock.now(), models) : null };
  }

  return { name: "anthropic", resolveModel, complete };
}

function checkOptions({ apiKey, baseUrl }: AnthropicOptions, times: Readonly<Record<string, number>>): void {
  // No value of these in the messages: a key is a secret, and an address may hold one.
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new OpenVibeError("OV_CONFIG_INVALID", "the key for anthropic is empty, or holds spaces or line breaks");
  const url = baseUrl === undefined ? undefined : URL.parse(baseUrl);
  if (url === null || (url !== undefined && (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")))
    throw new OpenVibeError("OV_CONFIG_INVALID", "the base URL for anthropic is no http or https address without user and password");
  for (const [name, ms] of Object.entries(times)) {
    if (!(ms >= 1 && ms <= MAX_TIMER_MS - 10_000))
      throw new OpenVibeError(
        "OV_CONFIG_INVALID",
        `${name} of anthropic is ${ms}; milliseconds from 1 to ${MAX_TIMER_MS - 10_000} are allowed`,
      );
  }
}
