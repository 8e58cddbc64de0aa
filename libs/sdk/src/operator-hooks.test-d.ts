/** What compiles and what does not of an operator's hooks. Checked by `tsc`, as `types.test-d.ts` is. */
import { z } from "zod";
import { operator, workflow } from "./index.ts";

const w = workflow("w", { state: z.object({ n: z.number().default(0) }) }).node("count", () => ({ n: 1 }));
const shop = { name: "Shop", workflows: [w] } as const;

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
operator("shop", {
  ...shop,
  on: {
    "run.completed": ({ runId, data }) => `${runId.length} ${data.metrics.nodes_executed} ${String(data.output.n)}`,
    "run.failed": async ({ data }, { signal }) => (signal.aborted ? undefined : data.error?.code),
    "node.error": ({ nodeId, data }) => `${nodeId.length} ${data.error.message}`,
    "node.completed": ({ data }) => data.duration_ms,
    "lead.qualified": ({ data, runId }) => [data.score, runId],
    "run.*": ({ type, data }) => [type, data],
    "*": (event) => event.time,
  },
});
operator("shop", { ...shop, on: {} });
operator("shop", { ...shop, on: { "node.*": ({ data }) => data, "runs.complete": ({ data }) => data } });

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
// @ts-expect-error a failed node has no output
operator("shop", { ...shop, on: { "node.error": ({ data }) => data.output } });
// @ts-expect-error a run that started has no node of its own
operator("shop", { ...shop, on: { "run.completed": ({ nodeId }) => nodeId.length } });
// @ts-expect-error no worker tells it
operator("shop", { ...shop, on: { "run.queued": () => {} } });
// @ts-expect-error no worker tells it
operator("shop", { ...shop, on: { "run.resumed": () => {} } });
// @ts-expect-error no function
operator("shop", { ...shop, on: { "run.completed": "https://example.com" } });
// @ts-expect-error a misspelt type of a run
operator("shop", { ...shop, on: { "run.complete": () => {} } });
// @ts-expect-error told live only
operator("shop", { ...shop, on: { "node.started": () => {} } });
// @ts-expect-error one misspelt type among others
operator("shop", { ...shop, on: { "run.completed": ({ data }) => data.output, "node.eror": ({ data }) => data } });
// @ts-expect-error no event of a run
operator("shop", { ...shop, on: { "context.updated": () => {} } });
