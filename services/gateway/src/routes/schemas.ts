import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";

/** `GET /schemas/operators.json`: the form of a document of operators, for editors. */
export const schemaRoutes: FastifyPluginAsync = async (app) => {
  let text: string | undefined;
  app.get(
    "/schemas/operators.json",
    {
      config: {
        open: true, // an editor has no key, and it says nothing about what runs here
        doc: {
          id: "get_operators_schema",
          tag: "operators",
          summary: "JSON Schema of a file of operators, for editors.",
          answers: { 200: { description: "JSON Schema, draft 7.", body: z.looseObject({ $schema: z.string() }) } },
        },
      },
    },
    async (_request, reply) => {
      if (text === undefined) {
        const { toEditorSchema } = await import("@openvibe/sdk/yaml");
        text = JSON.stringify(toEditorSchema());
      }
      return reply.header("content-type", "application/json; charset=utf-8").send(text);
    },
  );
};
