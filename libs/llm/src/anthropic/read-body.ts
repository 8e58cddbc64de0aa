import { OpenVibeError } from "@openvibe/core";
import type { CallGuard } from "./call-guard.ts";

/** What is read of one answer at most: far above any model's longest. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface ReadOptions {
  readonly modelId: string;
  readonly guard: CallGuard;
}

/** The answer's bytes as they come, watched for silence and length. @throws OpenVibeError OV_LLM_RESPONSE_INVALID */
export async function* readChunks(response: Response, { modelId, guard }: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let bytes = 0;
  guard.heard();
  try {
    for (;;) {
      const chunk = await reader.read().catch(() => {
        throw invalidAnswer(modelId, "the connection broke in the middle of the answer");
      });
      if (chunk.done) return;
      guard.heard();
      bytes += chunk.value.byteLength;
      if (bytes > MAX_ANSWER_BYTES) throw invalidAnswer(modelId, `the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
      yield chunk.value;
    }
  } finally {
    void reader.cancel().catch(() => {}); // nothing once the body is at its end; before, it destroys the socket
  }
}

/** The whole answer as the JSON value it should be. @throws OpenVibeError OV_LLM_RESPONSE_INVALID */
export async function readJson(response: Response, options: ReadOptions): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readChunks(response, options)) chunks.push(chunk);
  return parseJson(Buffer.concat(chunks).toString("utf8"), options.modelId);
}

/** The parser's own message quotes the text, so it is not passed on. */
export function parseJson(text: string, modelId: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidAnswer(modelId, "the answer is not valid JSON");
  }
}

export function invalidAnswer(modelId: string, what: string): OpenVibeError {
  return new OpenVibeError("OV_LLM_RESPONSE_INVALID", `anthropic, model ${modelId}: ${what}`);
}
