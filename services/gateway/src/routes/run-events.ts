import { type OpenVibeEvent, toCloudEvent, toEvent } from "@openvibe/core";
import { parseParams } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { runNotFound } from "../run-address.ts";
import { EventBody, pageOf } from "../schemas.ts";

/** `GET …/runs/{run_id}/events`: what happened in a run. Never behind the run's record. */
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
        if (!events.has(sequence)) events.set(sequence, toEvent(run, sequence, pending));
      });
      const inOrder = [...events.values()].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
      return { data: inOrder.map(toCloudEvent), has_more: false, next_cursor: null };
    },
  );
};
