import { isFinal, isOpenVibeError, isTerminalEventType, OpenVibeError, type Run } from "@openvibe/core";
import { encodeFrame, parseParams, parseQuery } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import type { Cursor } from "./cursor.ts";
import { assertAcceptsStream, findRequestCursor, LAST_EVENT_ID_HEADER, lastEventIdParameter } from "./last-event-id.ts";
import type { RelayParts } from "./relay-parts.ts";
import { type Start, startAfter, startOldest, withReset } from "./resume.ts";
import { RunStream } from "./run-stream.ts";

const query = { last_event_id: lastEventIdParameter };
const COMMENT = encodeFrame({ comment: "" });

/** One run's events from its first one, tokens and progress included as they happen; ends after the event that ends the run. */
export const runStreamRoutes: FastifyPluginAsync<RelayParts> = async (app, parts) => {
  const { streams, runs, faults } = parts;
  const doc = {
    id: "stream_run",
    tag: "runs",
    summary: "Stream one run's events",
    description:
      "Server-sent events: all stored events of the run from its first one (or after `Last-Event-ID`), and what is told live only " +
      "(`node.started`, `node.retrying`, `node.progress`, `node.skipped`, `llm.delta`: without an id). Ends after the event that ends the run.",
    query,
    headers: LAST_EVENT_ID_HEADER,
    answers: {
      200: { description: "The stream.", mediaType: "text/event-stream" },
      204: { description: "The run has ended and the client has seen its last event: it need not come back." },
    },
    problems: ["OV_EVENT_ID_INVALID", "OV_RUN_NOT_FOUND", "OV_NOT_ACCEPTABLE", "OV_TOO_MANY_STREAMS"],
  } as const;

  app.get("/v1/operators/:operator_id/runs/:run_id/stream", { exposeHeadRoute: false, config: { doc } }, async (request, reply) => {
    assertAcceptsStream(request);
    const { operator_id, run_id } = parseParams(request.params, { operator_id: "operator", run_id: "run" });
    const { last_event_id } = parseQuery(request.query, query);
    const given = findRequestCursor(request, last_event_id);
    const cursor = faults?.ignoreLastEventId === true ? undefined : given;
    if (!streams.isAccepting) {
      streams.turnAway(reply);
      return reply;
    }
    streams.assertRoom(request);

    let start: Start;
    try {
      const run = await runs.find(run_id);
      if (run === undefined || run.operatorId !== operator_id) {
        throw new OpenVibeError("OV_RUN_NOT_FOUND", `operator ${operator_id} has no run ${run_id}`);
      }
      start = await findRunStart(cursor, parts);
      if (cursor !== undefined && start.opening.length === 0 && (await hasNothingMore(run, start, parts)))
        return await reply.code(204).send();
    } catch (error) {
      // A client that comes back would take an error status for the end.
      if (given === undefined || !isOpenVibeError(error, "OV_BUS_UNAVAILABLE", "OV_STORE_UNAVAILABLE")) throw error;
      streams.turnAway(reply);
      return reply;
    }

    let stream: RunStream | undefined;
    const writer = streams.open(request, reply, {
      ...(cursor === undefined ? { id: start.cursor } : {}),
      heartbeat: () => stream?.heartbeat() ?? COMMENT,
    });
    stream = new RunStream({ ...parts, writer, start, operatorId: operator_id, runId: run_id, fromFirst: cursor === undefined });
    void stream.run();
    return reply;
  });
};

/** A cursor that means nothing any more begins again with the run's first event: the client has been told to forget what it knows. */
async function findRunStart(cursor: Cursor | undefined, parts: RelayParts): Promise<Start> {
  if (cursor === undefined) return startOldest(parts);
  const found = await startAfter(cursor, parts);
  return found.start ?? withReset(await startOldest(parts), found.reason, parts.clock);
}

/** Whether the run has ended and nothing of it will ever come after this place. */
async function hasNothingMore(run: Run, start: Start, { log, runs }: RelayParts): Promise<boolean> {
  if (!isFinal(run.status)) return false;
  const last = await log.lastOf(run.runId);
  if (last !== undefined && last.position > start.position) return false;
  if (last !== undefined && isTerminalEventType(last.event.type)) return true;
  const unsent = await runs.findOutbox(run.runId);
  return unsent === undefined || unsent.outbox.events.length === 0;
}
