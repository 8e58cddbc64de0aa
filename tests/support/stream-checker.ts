/** What one client of the event stream saw, over all its connections. */
export interface ClientLog {
  readonly ids: string[];
  resets: number;
  cuts: number;
}

/** Every client must have seen the log from its first event on, in order, without gap or double; a client without cuts proves nothing. */
export function judgeStreams(clients: readonly ClientLog[], log: readonly string[]): { violations: string[]; figures: object } {
  const violations: string[] = [];
  const expected = log.join("\n");
  clients.forEach(({ ids, resets }, index) => {
    if (resets > 0) violations.push(`client ${index} was told to reset ${resets} times`);
    if (ids.join("\n") !== expected)
      violations.push(
        `client ${index} saw ${ids.length} events, ${new Set(ids).size} different, of ${log.length}: ${firstDifference(ids, log)}`,
      );
  });
  const cuts = clients.reduce((sum, client) => sum + client.cuts, 0);
  if (cuts < clients.length) violations.push(`only ${cuts} cuts of ${clients.length} clients: the trial proves nothing`);
  if (log.length === 0) violations.push("the log is empty: the trial proves nothing");
  return { violations, figures: { clients: clients.length, cuts, events: log.length } };
}

function firstDifference(seen: readonly string[], log: readonly string[]): string {
  const at = log.findIndex((id, index) => seen[index] !== id);
  return at === -1 ? `it saw more: ${seen.slice(log.length, log.length + 3).join()}` : `at ${at} ${seen[at]} instead of ${log[at]}`;
}
