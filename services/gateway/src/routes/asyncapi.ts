import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { toAsyncApi } from "../asyncapi/document.ts";

/** `GET /asyncapi.json`: what travels over the bus. */
export const asyncApiRoutes: FastifyPluginAsync<{ readonly version: string }> = async (app, { version }) => {
  let text: string | undefined;
  app.get(
    "/asyncapi.json",
    {
      config: {
        open: true, // says nothing about what runs here
        doc: {
          id: "get_asyncapi",
          tag: "operations",
          summary: "What travels over NATS.",
          description: "For programs that speak NATS: every subject, and every event with its data.",
          answers: { 200: { description: "AsyncAPI 3.1.", body: z.looseObject({ asyncapi: z.string() }) } },
        },
      },
    },
    async (_request, reply) => {
      text ??= JSON.stringify(toAsyncApi({ title: "OpenVibe", version, description: "Typed, durable AI operators, over NATS." }));
      return reply.header("content-type", "application/json; charset=utf-8").send(text);
    },
  );
};
