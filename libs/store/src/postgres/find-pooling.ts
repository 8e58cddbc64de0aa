import type { Client } from "pg";

/** Whether a pooler stands between, and how long it keeps a server connection for a client. */
export type Pooling = "none" | "session" | "transaction";

/**
 * Finds out by its effects. Two sessions that end up in one backend share it by transactions. A backend that is another than the one that the
 * connection was promised belongs to a pooler.
 */
export async function findPooling(one: Client, open: () => Promise<Client>): Promise<Pooling> {
  const pid = await backendOf(one);
  const other = await open().catch(() => undefined); // a session pooler that is full, or no connection left
  try {
    await other?.query("BEGIN");
    const [taken, after] = [other === undefined ? undefined : await backendOf(other), await backendOf(one)];
    if (taken === pid || after !== pid) return "transaction";
  } catch {
    return "transaction"; // a pooler that gives a connection for one statement refuses BEGIN
  } finally {
    await other?.query("ROLLBACK").catch(() => undefined);
    await other?.end();
  }
  return promisedBackend(one) === pid ? "none" : "session";
}

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

/** From the protocol's BackendKeyData, which the types of `pg` do not name. */
function promisedBackend(client: Client): unknown {
  return (client as { readonly processID?: unknown }).processID;
}
