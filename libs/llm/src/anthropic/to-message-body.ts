import type { LlmRequest } from "../llm-provider.ts";
import { toEnforceable } from "./to-enforceable.ts";

export interface BodyOptions {
  readonly modelId: string;
  readonly stream: boolean;
  readonly takesTemperature: boolean;
}

/** The body of `POST /v1/messages`. A schema that the vendor cannot enforce is told to the model in words instead. */
export function toMessageBody(request: LlmRequest, { modelId, stream, takesTemperature }: BodyOptions): Readonly<Record<string, unknown>> {
  const enforceable = request.schema === undefined ? undefined : toEnforceable(request.schema);
  const inWords =
    request.schema === undefined || enforceable !== undefined
      ? ""
      : `Answer with one JSON value and nothing else. It must have this JSON Schema:\n${JSON.stringify(request.schema)}`;
  const system = [request.system ?? "", inWords].filter((part) => part !== "").join("\n\n");
  return {
    model: modelId,
    max_tokens: request.maxTokens,
    ...(system === "" ? {} : { system: request.cacheSystem === true ? toCached(system) : system }),
    messages: [{ role: "user", content: request.user }],
    ...(enforceable === undefined ? {} : { output_config: { format: { type: "json_schema", schema: enforceable } } }),
    ...(request.temperature !== undefined && takesTemperature ? { temperature: request.temperature } : {}),
    ...(stream ? { stream: true } : {}),
  };
}

/** For the vendor's short time, five minutes since the last use: https://docs.claude.com/en/docs/build-with-claude/prompt-caching */
function toCached(text: string): readonly object[] {
  return [{ type: "text", text, cache_control: { type: "ephemeral" } }];
}
