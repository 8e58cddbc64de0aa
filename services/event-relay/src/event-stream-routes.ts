import { assertMayOperator, encodeFrame, parseQuery } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import { bucketParameter, idParameter, type StreamFilter, typesParameter } from "./filters.ts";
import { Follower } from "./follower.ts";
import { assertAcceptsStream, findRequestCursor, LAST_EVENT_ID_HEADER, lastEventIdParameter } from "./last-event-id.ts";
import type { RelayParts } from "./relay-parts.ts";
import { startAfter, startNow, withReset } from "./resume.ts";
import { whileOpen } from "./while-open.ts";

const query = {
  types: typesParameter,
  operator: idParameter("operator"),
  run_id: idParameter("run"),
  bucket: bucketParameter,
  last_event_id: lastEventIdParameter,
};

const COMMENT = encodeFrame({ comment: "" });

/** Every stored event of all operators as it happens, and exactly what a client missed when it comes back. */
export const eventStreamRoutes: FastifyPluginAsync<RelayParts> = async (app, parts) => {
  const { hub, history, log, known, streams, clock, logger, faults } = parts;
  const doc = {
    id: "stream_events",
    tag: "events",
    summary: "Stream events as they happen",
    description:
      "Server-sent events: `event` is the type, `data` a CloudEvent, `id` an opaque cursor. A client that comes back with `Last-Event-ID`, to " +
      "any replica, gets exactly what it missed, or first `stream.reset` (the cursor means nothing any more) or `stream.gap` (some of it is gone).",
    query,
    headers: LAST_EVENT_ID_HEADER,
    answers: { 200: { description: "The stream.", mediaType: "text/event-stream" } },
    problems: ["OV_EVENT_ID_INVALID", "OV_OPERATOR_NOT_FOUND", "OV_NOT_ACCEPTABLE", "OV_TOO_MANY_STREAMS"],
  } as const;

  app.get("/v1/events/stream", { exposeHeadRoute: false, config: { doc, leavesOutOthers: true } }, async (request, reply) => {
    assertAcceptsStream(request);
    const { types, operator, run_id, bucket, last_event_id } = parseQuery(request.query, query);
    const cursor = faults?.ignoreLastEventId === true ? undefined : findRequestCursor(request, last_event_id);
    if (operator !== undefined) assertMayOperator(request.caller, operator);
    const { operators } = request.caller;
    const filter: StreamFilter = {
      ...(operators === undefined ? {} : { operators }),
      ...(types === undefined ? {} : { types }),
      ...(operator === undefined ? {} : { operatorId: operator }),
      ...(run_id === undefined ? {} : { runId: run_id }),
      ...(bucket === undefined ? {} : { bucket }),
    };
    if (!streams.isAccepting) {
      streams.turnAway(reply);
      return reply;
    }
    // Who comes back was let in before: nothing that has changed since may end his stream for good.
    if (operator !== undefined && cursor === undefined) await known.assertKnown(operator, request.caller);

    let follower: Follower | undefined;
    const now = startNow(hub);
    const writer = streams.open(request, reply, {
      ...(cursor === undefined ? { id: now.cursor } : {}),
      heartbeat: () => follower?.heartbeat() ?? COMMENT,
    });
    const follow = async () => {
      const found = cursor === undefined ? { start: now } : await whileOpen(writer, logger, () => startAfter(cursor, { hub, log, clock }));
      if (found === undefined) return;
      const start = found.start ?? withReset(startNow(hub), found.reason, clock);
      follower = new Follower({ hub, history, clock, logger, writer, filter, start });
      await follower.run();
    };
    void follow();
    return reply;
  });
};
