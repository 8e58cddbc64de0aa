import { isPlainObject, OpenVibeError } from "@openvibe/core";
import type { BilledTokens } from "../cost-of.ts";
import { invalidAnswer } from "./read-body.ts";

/** A complete answer of the vendor's. */
export interface VendorMessage {
  readonly content: string;
  readonly model: string;
  readonly usage: BilledTokens;
  /** Served at the list price: not a batch, a priority tier or a fast mode, which cost otherwise. */
  readonly plainRate: boolean;
}

/**
 * Reads what the vendor calls a message and believes nothing of it.
 * @throws OpenVibeError OV_LLM_RESPONSE_INVALID for what is no message, or ended for a reason we did not ask for; OV_LLM_REFUSED;
 * OV_LLM_TRUNCATED
 */
export function parseMessage(value: unknown, { modelId }: { readonly modelId: string }): VendorMessage {
  if (
    !isPlainObject(value) ||
    value.type !== "message" ||
    !Array.isArray(value.content) ||
    typeof value.model !== "string" ||
    value.model === ""
  )
    throw invalidAnswer(modelId, "the answer is no message");
  const content = value.content.map((block) => textOf(block, modelId)).join("");
  checkEnd(value.stop_reason, modelId);
  if (content === "") throw invalidAnswer(modelId, "the answer holds no text");
  const usage = isPlainObject(value.usage) ? value.usage : {};
  return { content, model: value.model.slice(0, 200), usage: toBilledTokens(usage), plainRate: isPlainRate(usage) };
}

function textOf(block: unknown, modelId: string): string {
  if (!isPlainObject(block) || typeof block.type !== "string")
    throw invalidAnswer(modelId, "a content block of the answer is no object with a type");
  if (block.type === "text") {
    if (typeof block.text !== "string") throw invalidAnswer(modelId, "a text block of the answer holds no text");
    return block.text;
  }
  if (block.type === "tool_use") throw invalidAnswer(modelId, "the answer calls a tool, and none was declared");
  return ""; // thinking, and what else a model may say beside its answer
}

function checkEnd(reason: unknown, modelId: string): void {
  switch (reason) {
    case "end_turn":
    case "stop_sequence":
      return;
    case "refusal":
      throw new OpenVibeError("OV_LLM_REFUSED", `anthropic, model ${modelId}: the model refused to answer`);
    case "max_tokens":
      throw new OpenVibeError("OV_LLM_TRUNCATED", `anthropic, model ${modelId}: the answer reached max_tokens and was cut off`);
    case "model_context_window_exceeded":
      throw new OpenVibeError(
        "OV_LLM_TRUNCATED",
        `anthropic, model ${modelId}: prompt and answer fill the model's context, the answer was cut off`,
      );
    default:
      throw invalidAnswer(modelId, "the answer did not come to its end");
  }
}

/** The vendor counts input without the cache; we count it all. A count that is no count makes the sum unknown. */
function toBilledTokens(usage: Record<string, unknown>): BilledTokens {
  const fresh = toCount(usage.input_tokens);
  const read = toCacheCount(usage.cache_read_input_tokens);
  const written = toCacheCount(usage.cache_creation_input_tokens);
  const hour = isPlainObject(usage.cache_creation) ? toCount(usage.cache_creation.ephemeral_1h_input_tokens) : null;
  return {
    tokensIn: fresh === null || read === null || written === null ? null : fresh + read + written,
    tokensOut: toCount(usage.output_tokens),
    cacheReadTokens: read ?? 0,
    cacheWriteTokens: written ?? 0,
    cacheWriteHourTokens: Math.min(hour ?? 0, written ?? 0),
  };
}

function toCount(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Absent or null means that no cache was used. */
function toCacheCount(value: unknown): number | null {
  return value === undefined || value === null ? 0 : toCount(value);
}

function isPlainRate({ service_tier: tier, speed }: Record<string, unknown>): boolean {
  const plain = (value: unknown) => value === undefined || value === null || value === "standard";
  return plain(tier) && plain(speed);
}
