import type { SettingStore } from "../settings.ts";
import type { Sql } from "./sql.ts";

export function createSettingStore(sql: Sql): SettingStore {
  const table = sql.dialect.table("settings");
  const read = { name: "read_setting", text: `SELECT value FROM ${table} WHERE key = $1` };
  const create = {
    name: "create_setting",
    text: `INSERT INTO ${table} (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING key`,
  };
  const change = { name: "change_setting", text: `UPDATE ${table} SET value = $2 WHERE key = $1 AND value = $3 RETURNING key` };

  const get = async (key: string) => (await sql.ask(read, [key])).rows[0]?.value as string | undefined;
  return {
    get,
    async replace(key, expected, value) {
      const { rows, again } = await (expected === undefined ? sql.ask(create, [key, value]) : sql.ask(change, [key, value, expected]));
      // After a lost answer the value that stands there may be the one this call has written.
      return rows.length > 0 || (again && (await get(key)) === value);
    },
  };
}
