import { type Run, traceIdOf } from "@openvibe/core";

/** Whom a log line about a run concerns: the same keys everywhere. */
export function runFields({ runId, operatorId, workflowId, traceparent }: Run): object {
  const trace = traceparent === undefined ? {} : { trace_id: traceIdOf(traceparent) };
  return { run_id: runId, operator_id: operatorId, workflow_id: workflowId, ...trace };
}
