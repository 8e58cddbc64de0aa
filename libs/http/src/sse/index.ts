export { acceptsEventStream } from "./accept.ts";
export { encodeFrame, type SseFrame } from "./frame.ts";
export { readSse, type SseClientOptions } from "./sse-client.ts";
export { type SseMessage, SseParser } from "./sse-parser.ts";
export { type SseEnd, SseWriter, type SseWriterOptions } from "./sse-writer.ts";
