import { type AnthropicLoopbackOptions, startAnthropicLoopback } from "@openvibe/testing";
import type { LlmRequest } from "../llm-provider.ts";
import { type AnthropicOptions, createAnthropic } from "./anthropic.ts";

export const KEY = "sk-ant-api03-Zk3vQ9xW7LmN2pRt";
/** Neither may stand in a message or a log line. */
export const PROMPT = "Judge the secret merger of Northwind and Contoso.";
export const REQUEST: LlmRequest = { system: "You work for Fabrikam's board only.", user: PROMPT, model: "haiku", maxTokens: 200 };

/** A vendor on loopback and the adapter that calls it, with times short enough for a test. */
export async function openScene(vendor: AnthropicLoopbackOptions, options: Partial<AnthropicOptions> = {}) {
  const loopback = await startAnthropicLoopback({ apiKey: KEY, ...vendor });
  const llm = createAnthropic({ apiKey: KEY, baseUrl: loopback.url, timeoutMs: 5_000, ...options });
  return { llm, loopback, [Symbol.asyncDispose]: () => loopback[Symbol.asyncDispose]() };
}
