import type { Client } from "pg";

/** Whether a pooler stands between, and how long it keeps a server connection for a client. */
export type Pooling = "none" | "session" | "transaction";

/**
 * Finds out by its effects. Two sessions that end up in one backend share it by transactions. A backend that is another than the one that the
 * connection was promised belongs to a pooler.
 */
export async function findPooling(one: Client, open: () => Promise<Client>): Promise<Pooling> {
  const pid = await backendOf(one);
  const between = promisedBackend(one) === pid ? "none" : "session";
  const other = await open().catch(() => undefined); // no connection is left
  if (other === undefined) return between;
  try {
    const taken = await other.query("BEGIN").then(
      () => backendOf(other),
      (error: unknown) => error,
    );
    // A pooler that gives a connection for one statement refuses BEGIN; one that has none left for another session keeps it waiting.
    if (taken instanceof Error) return "code" in taken ? "transaction" : between;
    if (taken === pid) return "transaction";
    return (await backendOf(one)) === pid ? between : "transaction";
  } finally {
    await other.end().catch(() => undefined); // the server rolls back
  }
}

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

/** From the protocol's BackendKeyData, which the types of `pg` do not name. */
function promisedBackend(client: Client): unknown {
  return (client as { readonly processID?: unknown }).processID;
}
