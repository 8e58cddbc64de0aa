import { OpenVibeError, type OpenVibeEvent, splitData, toCloudEvent, toEvent } from "@openvibe/core";
import { parseParams, pathText } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { runNotFound } from "../run-address.ts";
import { EventBody, EventDataBody } from "../schemas/events.ts";
import { pageOf } from "../schemas/json.ts";

/** `GET …/runs/{run_id}/events`: what happened in a run, never behind its record; and the data of one event, also where the event only refers to it. */
export const runEventRoutes: FastifyPluginAsync<RouteDeps> = async (app, { store, bus, background }) => {
  app.get(
    "/operators/:operator_id/runs/:run_id/events",
    {
      config: {
        doc: {
          id: "list_run_events",
          tag: "runs",
          summary: "Every stored event of a run, in order.",
          answers: { 200: { description: "All of them, on one page.", body: pageOf(EventBody) } },
          problems: ["OV_RUN_NOT_FOUND", "OV_BUS_UNAVAILABLE"],
        },
      },
    },
    async (request, reply) => {
      const { operator_id: operatorId, run_id: runId } = parseParams(request.params, { operator_id: "operator", run_id: "run" });
      // The record first: what is sent between the two reads is then found in both, instead of in none.
      const found = await store.runs.findOutbox(runId);
      if (found?.run.operatorId !== operatorId) throw runNotFound(runId, operatorId);
      const { run, outbox } = found;
      using wait = background.wait();
      reply.raw.once("close", wait.abort);

      const events = new Map<number, OpenVibeEvent>();
      for await (const { event } of bus.log.read(0, { operatorId, runId }, wait.signal)) events.set(event.sequence ?? -1, event);
      outbox.events.forEach((pending, index) => {
        const sequence = outbox.from + index;
        if (!events.has(sequence)) events.set(sequence, splitData(toEvent(run, sequence, pending)).event);
      });
      const inOrder = [...events.values()].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
      return { data: inOrder.map(toCloudEvent), has_more: false, next_cursor: null };
    },
  );

  app.get(
    "/operators/:operator_id/runs/:run_id/events/:sequence/data",
    {
      config: {
        doc: {
          id: "get_event_data",
          tag: "runs",
          summary: "The data of one event.",
          description:
            "Where an event's `dataref` leads: data above 64 KB of JSON does not travel with its event. Kept as long as the event, also when the run is purged.",
          params: {
            sequence: { description: "Of the event: its place in the run.", schema: { type: "integer", minimum: 0, maximum: 999_999_999 } },
          },
          answers: { 200: { description: "The data.", body: EventDataBody } },
          problems: ["OV_EVENT_NOT_FOUND", "OV_BUS_UNAVAILABLE"],
        },
      },
    },
    async (request, reply) => {
      const { operator_id: operatorId, run_id: runId } = parseParams(request.params, { operator_id: "operator", run_id: "run" });
      const sequence = parseSequence(pathText(request.params, "sequence"));
      reply.type("application/json; charset=utf-8");
      const kept = await store.eventData.find({ operatorId, runId, sequence });
      if (kept !== undefined) return kept;
      // The record before the log: what leaves the one between the two reads is found in the other, or was kept by now.
      const found = await store.runs.findOutbox(runId);
      const pending = found?.run.operatorId === operatorId ? found.outbox.events[sequence - found.outbox.from] : undefined;
      if (pending !== undefined) return JSON.stringify(pending.data);
      using wait = background.wait();
      reply.raw.once("close", wait.abort);
      for await (const { event } of bus.log.read(0, { operatorId, runId }, wait.signal)) {
        if (event.sequence !== sequence) continue;
        return event.dataref === undefined ? JSON.stringify(event.data) : await getKept({ operatorId, runId, sequence });
      }
      throw new OpenVibeError("OV_EVENT_NOT_FOUND", `run ${runId} of operator ${operatorId} has no event ${sequence} any more, or not yet`);
    },
  );

  const getKept = async (address: { operatorId: string; runId: string; sequence: number }): Promise<string> => {
    const kept = await store.eventData.find(address);
    if (kept !== undefined) return kept;
    throw new OpenVibeError("OV_EVENT_NOT_FOUND", `the data of event ${address.sequence} of run ${address.runId} is not kept any more`);
  };
};

/** @throws OpenVibeError OV_ID_INVALID */
function parseSequence(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new OpenVibeError("OV_ID_INVALID", `sequence ${JSON.stringify(text.slice(0, 80))} is not allowed: a whole number from 0`);
}
