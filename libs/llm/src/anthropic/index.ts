export { type AnthropicOptions, createAnthropic } from "./anthropic.ts";
