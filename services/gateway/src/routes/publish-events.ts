import { acceptStrictJson, bodyRequired } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { CLOUD_EVENT, CLOUD_EVENT_BATCH, MAX_BATCH, parseOutsideEvents } from "../outside-event.ts";
import { CloudEventBody, OutsideEventBody, PublishedEventsBody } from "../schemas/events.ts";

/** `POST /events`: events from outside. Accepted means stored in the event log. */
export const publishEventRoutes: FastifyPluginAsync<RouteDeps> = async (app, { bus, store, clock }) => {
  acceptStrictJson(app, ["application/json", CLOUD_EVENT, CLOUD_EVENT_BATCH]);

  app.post(
    "/events",
    {
      config: {
        doc: {
          id: "publish_events",
          tag: "events",
          summary: "Publishes events from outside.",
          description: `Stored before the answer; starts runs of the workflows it triggers, and ends waits. One event, or as CloudEvents batch up to ${MAX_BATCH}, all or none. Sent again with the same source and id, an event is not stored again.`,
          headers: { traceparent: "W3C trace context, for events that carry none of their own; passed over where it is malformed." },
          body: OutsideEventBody,
          bodies: { [CLOUD_EVENT]: CloudEventBody, [CLOUD_EVENT_BATCH]: CloudEventBody.array().min(1).max(MAX_BATCH) },
          answers: { 202: { description: "All of them are stored.", body: PublishedEventsBody } },
          problems: [
            "OV_BODY_REQUIRED",
            "OV_REQUEST_INVALID",
            "OV_UNKNOWN_FIELD",
            "OV_EVENT_TYPE_INVALID",
            "OV_BODY_TOO_LARGE",
            "OV_STORE_UNAVAILABLE",
            "OV_BUS_UNAVAILABLE",
            "OV_BUS_FULL",
          ],
        },
      },
    },
    async (request, reply) => {
      if (request.body === undefined) throw bodyRequired();
      const [mediaType = ""] = (request.headers["content-type"] ?? "").toLowerCase().split(";");
      const [traceparent] = [request.headers.traceparent].flat();
      const events = parseOutsideEvents(request.body, mediaType.trim(), { now: clock.now(), traceparent });
      const byId = new Map(events.map((event) => [event.id, event]));
      const known = await store.outsideEvents.known([...byId.keys()]);
      const added = [...byId.values()].filter(({ id }) => !known.has(id));
      await Promise.all(added.map((event) => bus.log.append(event)));
      // After the log has them: who dies in between is asked again, and the log's readers know the id.
      await store.outsideEvents.record(added.map(({ id }) => id));
      reply.code(202);
      return { events: events.map(({ id, type }) => ({ id, type, replayed: known.has(id) })) };
    },
  );
};
