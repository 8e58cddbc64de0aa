/** What compiles and what does not of a program's hooks. Checked by `tsc`: an error that is missing makes its `@ts-expect-error` unused, which is one. */
import type { Runtime } from "./index.ts";

declare const runtime: Runtime;
declare const chosen: string;

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
runtime.on("run.completed", ({ runId, data }) => `${runId.length} ${data.metrics.nodes_executed}`);
runtime.on("run.queued", ({ data }) => data.workflow_id.length);
runtime.on("node.error", ({ nodeId, data }) => `${nodeId.length} ${data.error.message}`);
runtime.on("context.updated", ({ data }) => data.key);
runtime.on("subscription.disabled", ({ data }) => data);
runtime.on("run.*", ({ type }) => type);
runtime.on("operator.*", ({ type }) => type);
runtime.on("*", ({ time }) => time);
runtime.on("lead.qualified", ({ data }) => data.score);
runtime.on("lead.*", ({ data }) => data);
runtime.on("runs.complete", ({ data }) => data);
runtime.on("renewed", ({ data }) => data);
runtime.on(chosen, ({ type }) => type);
runtime.off("run.completed", () => {});

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
// @ts-expect-error a misspelt type of a run
runtime.on("run.complete", () => {});
// @ts-expect-error a misspelt type of a node
runtime.on("node.eror", () => {});
// @ts-expect-error told live only
runtime.on("node.started", () => {});
// @ts-expect-error no type, and no prefix
runtime.on("run", () => {});
// @ts-expect-error nothing of it is stored
runtime.on("llm.*", () => {});
// @ts-expect-error ended by a name that was never begun
runtime.off("run.complete", () => {});
// @ts-expect-error a failed node has no output
runtime.on("node.error", ({ data }) => data.output);
