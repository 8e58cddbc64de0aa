import { isPlainObject } from "@openvibe/core";
import { invalidAnswer, parseJson, type ReadOptions, readChunks } from "./read-body.ts";
import { toStreamError } from "./to-llm-error.ts";

/** After the last event only the end of the body is missing: this long it is waited for, so that the connection can serve the next call. */
const LAST_BYTES_MS = 250;

/**
 * Reads a streamed answer into the message that a plain one would have been, telling its text piece by piece.
 * @see https://platform.claude.com/docs/en/build-with-claude/streaming
 * @throws OpenVibeError OV_LLM_RESPONSE_INVALID when the stream ends before its last event; the error that the vendor sends as an event
 */
export async function readEvents(response: Response, options: ReadOptions, onDelta: (text: string) => void = () => {}): Promise<unknown> {
  const { modelId, guard } = options;
  let message: Record<string, unknown> | undefined;
  const blocks: Record<string, unknown>[] = [];
  let stopped = false;

  const tell = (block: Record<string, unknown> | undefined, text: unknown) => {
    if (block?.type !== "text" || typeof text !== "string" || text === "") return;
    block.text = `${String(block.text)}${text}`;
    onDelta(text);
  };
  const hear = (event: Record<string, unknown>) => {
    switch (event.type) {
      case "message_start":
        message = isPlainObject(event.message) ? event.message : undefined;
        break;
      case "content_block_start": {
        if (!isPlainObject(event.content_block)) throw invalidAnswer(modelId, "a content block of the stream is no object");
        const { text, ...block } = event.content_block;
        blocks.push(block);
        if (block.type === "text") {
          block.text = "";
          tell(block, text);
        }
        break;
      }
      case "content_block_delta":
        if (isPlainObject(event.delta) && event.delta.type === "text_delta") tell(blocks.at(-1), event.delta.text);
        break;
      case "message_delta":
        if (message !== undefined) {
          // The last word on usage holds what changed since the first.
          const usage = isPlainObject(event.usage) ? { ...(message.usage as object | undefined), ...event.usage } : message.usage;
          message = { ...message, ...(isPlainObject(event.delta) ? event.delta : {}), usage };
        }
        break;
      case "message_stop":
        stopped = true;
        guard.hurry(LAST_BYTES_MS);
        break;
      case "error":
        throw toStreamError(event.error, modelId);
    }
  };

  try {
    for await (const data of readData(response, options)) {
      if (stopped) break;
      const event = parseJson(data, modelId);
      if (isPlainObject(event)) hear(event); // kinds of events that we do not know are no concern of ours
    }
  } catch (error) {
    if (!stopped || guard.ended !== undefined) throw error;
  }
  if (!stopped || message === undefined) throw invalidAnswer(modelId, "the stream ended before its last event");
  return { ...message, content: blocks };
}

/** The `data` of each server-sent event. Lines end in \n or \r\n, as every vendor writes them. */
async function* readData(response: Response, options: ReadOptions): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let begun: string[] = []; // pieces of a line without its end: joined once, for a line of megabytes must not be copied with every piece
  let data: string[] = [];
  for await (const chunk of readChunks(response, options)) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    for (const [index, piece] of lines.entries()) {
      begun.push(piece);
      if (index === lines.length - 1) break;
      const line = begun.join("").replace(/\r$/, "");
      begun = [];
      if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      if (line !== "" || data.length === 0) continue;
      yield data.join("\n");
      data = [];
    }
  }
}
