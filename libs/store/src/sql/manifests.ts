import type { OperatorManifest } from "@openvibe/core";
import type { ManifestStore, StoredManifest } from "../manifests.ts";
import type { Sql } from "./sql.ts";
import type { Row } from "./statement.ts";

export function createManifestStore(sql: Sql): ManifestStore {
  const { dialect } = sql;
  const table = dialect.table("manifests");
  // Always later than the operator's other versions, also within one millisecond: the one registered last is current.
  const later = `(SELECT coalesce(max(others.registered_at), 0) + 1 FROM ${table} AS others WHERE others.operator_id = $1)`;
  const register = {
    name: "register_manifest",
    text: `INSERT INTO ${table} (operator_id, version, manifest, registered_at)
      VALUES ($1, $2, $3, CASE WHEN ${later} > ${dialect.now} THEN ${later} ELSE ${dialect.now} END)
      ON CONFLICT (operator_id, version) DO UPDATE SET registered_at = excluded.registered_at`,
  };
  const current = `SELECT m.version, m.manifest, m.registered_at FROM ${table} AS m WHERE NOT EXISTS (SELECT 1 FROM ${table} AS newer
    WHERE newer.operator_id = m.operator_id AND (newer.registered_at, newer.version) > (m.registered_at, m.version))`;
  const list = { name: "list_manifests", text: `${current} ORDER BY m.operator_id` };
  const find = { name: "find_manifest", text: `${current} AND m.operator_id = $1` };

  return {
    async register(manifest, version) {
      await sql.ask(register, [manifest.id, version, JSON.stringify(manifest)]);
    },
    async list() {
      return (await sql.ask(list, [])).rows.map(parseManifest);
    },
    async find(operatorId) {
      const [row] = (await sql.ask(find, [operatorId])).rows;
      return row === undefined ? undefined : parseManifest(row);
    },
  };
}

function parseManifest(row: Row): StoredManifest {
  return {
    version: row.version as string,
    manifest: JSON.parse(row.manifest as string) as OperatorManifest,
    registeredAt: row.registered_at as number,
  };
}
