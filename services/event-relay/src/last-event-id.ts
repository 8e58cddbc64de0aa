import { OpenVibeError } from "@openvibe/core";
import { acceptsEventStream, type Parameter, parameterInvalid } from "@openvibe/http";
import type { FastifyRequest } from "fastify";
import { CURSOR_PATTERN, type Cursor, parseCursor } from "./cursor.ts";

const CURSOR_SCHEMA = { type: "string", pattern: CURSOR_PATTERN };

/** `?last_event_id=`, for clients that cannot set a header on their first request. */
export const lastEventIdParameter: Parameter<string | undefined> = {
  description:
    "Where to go on: the id of the last event seen. The header Last-Event-ID, which a reconnecting client sends, goes before it.",
  schema: CURSOR_SCHEMA,
  read([text], name) {
    if (text === "") throw parameterInvalid(name, "is empty; leave it out to begin with what happens now");
    return text;
  },
};

export const LAST_EVENT_ID_HEADER = {
  "Last-Event-ID": {
    description: "Where to go on: the id of the last event seen. Empty is the same as none.",
    schema: { ...CURSOR_SCHEMA, pattern: `^$|${CURSOR_PATTERN}` },
  },
};

/** @throws OpenVibeError OV_EVENT_ID_INVALID */
export function findRequestCursor(request: FastifyRequest, parameter: string | undefined): Cursor | undefined {
  const header = [request.headers["last-event-id"]].flat()[0];
  const asked = parameter === undefined ? undefined : parseCursor(parameter); // refused where it is wrong, whatever the header says
  return header === undefined || header === "" ? asked : parseCursor(header);
}

/** @throws OpenVibeError OV_NOT_ACCEPTABLE */
export function assertAcceptsStream(request: FastifyRequest): void {
  if (acceptsEventStream(request.headers.accept)) return;
  throw new OpenVibeError("OV_NOT_ACCEPTABLE", "this address answers with text/event-stream only: send it, or no Accept header at all", {
    extra: { acceptable: ["text/event-stream"] },
  });
}
