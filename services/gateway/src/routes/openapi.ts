import { toOpenApi } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";

/** `GET /openapi.json`: every documented route of this server, those of other plugins included. */
export const openApiRoutes: FastifyPluginAsync<{ readonly version: string }> = async (app, { version }) => {
  let text: string | undefined;
  app.get(
    "/openapi.json",
    {
      config: {
        open: true, // says nothing about what runs here, and `/docs` reads it before it can ask for a key
        doc: {
          id: "get_openapi",
          tag: "operations",
          summary: "This document.",
          answers: { 200: { description: "OpenAPI 3.1.", body: z.looseObject({ openapi: z.string() }) } },
        },
      },
    },
    async (_request, reply) => {
      text ??= JSON.stringify(toOpenApi({ title: "OpenVibe", version, description: "Typed, durable AI operators." }, app.apiRoutes));
      return reply.header("content-type", "application/json; charset=utf-8").send(text);
    },
  );
};
