export { type AnthropicLoopback, type AnthropicLoopbackOptions, startAnthropicLoopback } from "./anthropic-loopback.ts";
export {
  type AnthropicAnswer,
  type AnthropicErrorType,
  type AnthropicMisbehaviour,
  type AnthropicReply,
  anthropicError,
  type RawAnswer,
} from "./anthropic-reply.ts";
export { type AnthropicRequest, TEMPERATURE_MODELS } from "./anthropic-request.ts";
