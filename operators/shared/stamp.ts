import type { JsonObject, NodeContext } from "openvibe";

/** What every record in shared context also holds: whose run wrote it, and when. */
export function stamped<T extends JsonObject>(
  record: T,
  ctx: Pick<NodeContext, "runId" | "now">,
): T & { readonly run_id: string; readonly updated_at: string } {
  return { ...record, run_id: ctx.runId, updated_at: new Date(ctx.now()).toISOString() };
}
