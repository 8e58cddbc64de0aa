import { Client } from "pg";

/** One statement on a connection of its own. */
export async function query(databaseUrl: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** For a statement that gives one row with `ended` and `all_runs`. */
export async function countIn(databaseUrl: string, sql: string): Promise<{ readonly ended: number; readonly all: number }> {
  const [row] = await query(databaseUrl, sql);
  return { ended: Number(row?.ended), all: Number(row?.all_runs) };
}
