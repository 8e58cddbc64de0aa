import { messageOf, newToken, OpenVibeError } from "@openvibe/core";
import { Client } from "pg";
import { qualified, shownUrl } from "./names.ts";

const TABLE = "test_clock";

/** How far a schema's clock is ahead of real time, in milliseconds, as an expression. */
export function aheadOf(schema: string): string {
  return `(SELECT ms FROM ${qualified(schema, TABLE)})`;
}

/** A schema for one test, whose stores (`testClock: true`) go by a clock that can be moved. Disposing drops it with all that is in it. */
export interface PostgresTestSchema extends AsyncDisposable {
  readonly schema: string;
  /** From now on its clock stands at this time or later; it never goes back. Gives the time, and how far it is ahead of real time, in milliseconds. */
  moveTo(time: number): Promise<{ readonly now: number; readonly aheadMs: number }>;
}

/** @throws OpenVibeError OV_STORE_UNAVAILABLE */
export async function openPostgresTestSchema(url: string): Promise<PostgresTestSchema> {
  const schema = `test_${newToken()}`;
  const client = new Client({ connectionString: url, application_name: "openvibe test clock" });
  client.on("error", () => {}); // the next query tells
  const query = async (text: string, values: readonly unknown[] = []) => {
    try {
      return (await client.query<Readonly<Record<string, unknown>>>(text, [...values])).rows;
    } catch (cause) {
      throw new OpenVibeError("OV_STORE_UNAVAILABLE", `${shownUrl(url)}, schema ${schema}: ${messageOf(cause)}`, { cause });
    }
  };
  const table = qualified(schema, TABLE);
  try {
    await client.connect();
  } catch (cause) {
    throw new OpenVibeError("OV_STORE_UNAVAILABLE", `${shownUrl(url)}: ${messageOf(cause)}`, { cause });
  }
  await query(`CREATE SCHEMA "${schema}"`);
  await query(`CREATE TABLE ${table} (ms bigint NOT NULL)`);
  await query(`INSERT INTO ${table} VALUES (0)`);
  const real = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
  return {
    schema,
    async moveTo(time) {
      const [row] = await query(`UPDATE ${table} SET ms = greatest(ms, $1::bigint - ${real}) RETURNING ms, ms + ${real} AS now`, [
        Math.ceil(time),
      ]);
      return { now: Number(row?.now), aheadMs: Number(row?.ms) };
    },
    async [Symbol.asyncDispose]() {
      try {
        await query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
      } finally {
        await client.end();
      }
    },
  };
}
