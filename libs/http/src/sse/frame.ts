/** One block of a `text/event-stream`. What is not given is not written; a frame with only an id moves the reader's cursor without an event. */
export interface SseFrame {
  /** A line that readers skip: keeps a connection warm. */
  readonly comment?: string;
  /** How long a reader waits before it connects again; milliseconds. */
  readonly retryMs?: number;
  readonly id?: string;
  readonly event?: string;
  /** May hold line breaks: each line travels in a field of its own and the reader joins them with `\n`. */
  readonly data?: string;
}

// A line break in a one-line field would begin a field of the sender's choosing, NUL makes readers ignore an id.
const UNSAFE = /[\r\n\0]/g;
const LINE_BREAK = /\r\n|\r|\n/;

/** Encodes a frame once, for all clients: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function encodeFrame({ comment, retryMs, id, event, data }: SseFrame): Buffer {
  let text = "";
  if (comment !== undefined) for (const line of comment.split(LINE_BREAK)) text += `: ${line}\n`;
  if (retryMs !== undefined) text += `retry: ${Math.max(0, Math.round(retryMs))}\n`;
  text += oneLine("id", id) + oneLine("event", event);
  if (data !== undefined) text += LINE_BREAK.test(data) ? data.split(LINE_BREAK).map(dataLine).join("") : dataLine(data);
  return Buffer.from(`${text}\n`, "utf8");
}

function oneLine(field: string, value: string | undefined): string {
  const safe = value?.replace(UNSAFE, "") ?? "";
  return safe === "" ? "" : `${field}: ${safe}\n`;
}

function dataLine(line: string): string {
  return `data: ${line}\n`;
}
