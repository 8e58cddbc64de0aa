import type { OperatorId, Run } from "@openvibe/core";
import type { RunFilter, RunPage, RunStore } from "@openvibe/store";

/** A page of the runs of these operators, newest first; of all where none are named. Keys are for a few operators: a page of each holds the page of all. */
export async function listRunsOf(
  operators: ReadonlySet<OperatorId> | undefined,
  { filter, page, runs }: { readonly filter: RunFilter; readonly page: RunPage; readonly runs: Pick<RunStore, "list"> },
): Promise<readonly Run[]> {
  if (operators === undefined || filter.operatorId !== undefined) return await runs.list(filter, page);
  const pages = await Promise.all([...operators].map((operatorId) => runs.list({ ...filter, operatorId }, page)));
  return pages
    .flat()
    .sort((a, b) => b.createdAt - a.createdAt || (a.runId < b.runId ? 1 : -1))
    .slice(0, page.limit);
}
