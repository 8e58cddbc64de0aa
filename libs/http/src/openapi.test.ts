import { expect, test } from "vitest";
import { z } from "zod";
import { toOpenApi } from "./openapi.ts";
import { intParameter } from "./query.ts";

const Run = z.object({ run_id: z.string() }).meta({ id: "Run" });
const page = { limit: intParameter({ min: 1, max: 9, fallback: 3, description: "How many." }) };

test("a route's doc becomes an operation, and schemas with an id become components", () => {
  const document = toOpenApi({ title: "T", version: "1" }, [
    { method: "HEAD", url: "/v1/runs/:run_id", doc: undefined },
    {
      method: "GET",
      url: "/v1/runs/:run_id",
      doc: {
        id: "get_run",
        tag: "runs",
        summary: "One run.",
        query: page,
        headers: { Prefer: "wait=<s>" },
        answers: { 200: { description: "The run.", body: Run, headers: { ETag: "Its revision." } } },
        problems: ["OV_RUN_NOT_FOUND", "OV_OPERATOR_NOT_FOUND"],
      },
    },
  ]);

  expect(document.paths).toMatchObject({
    "/v1/runs/{run_id}": {
      get: {
        operationId: "get_run",
        parameters: [
          { name: "run_id", in: "path", required: true },
          { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 9, default: 3 } },
          { name: "Prefer", in: "header" },
        ],
        responses: {
          200: { content: { "application/json": { schema: { $ref: "#/components/schemas/Run" } } }, headers: { ETag: {} } },
          404: { content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
        },
      },
    },
  });
  expect(document.components).toMatchObject({ schemas: { Run: { type: "object" }, Problem: { type: "object" } } });
});
