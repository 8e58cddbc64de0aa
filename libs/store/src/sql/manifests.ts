import { findManifestFault, messageOf, type OperatorManifest } from "@openvibe/core";
import type { ManifestStore, StoredManifest, UnreadableManifest } from "../manifests.ts";
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
  const current = `SELECT m.operator_id, m.version, m.manifest, m.registered_at FROM ${table} AS m WHERE NOT EXISTS (SELECT 1 FROM ${table} AS newer
    WHERE newer.operator_id = m.operator_id AND (newer.registered_at, newer.version) > (m.registered_at, m.version))`;
  const list = { name: "list_manifests", text: `${current} ORDER BY m.operator_id` };
  const find = { name: "find_manifest", text: `${current} AND m.operator_id = $1` };

  const findVersion = {
    name: "find_manifest_version",
    text: `SELECT operator_id, version, manifest, registered_at FROM ${table} WHERE operator_id = $1 AND version = $2`,
  };

  return {
    async register(manifest, version) {
      await sql.ask(register, [manifest.id, version, JSON.stringify(manifest)]);
    },
    async list(onUnreadable) {
      return (await sql.ask(list, [])).rows.flatMap((row) => parseManifest(row, onUnreadable) ?? []);
    },
    async find(operatorId) {
      const [row] = (await sql.ask(find, [operatorId])).rows;
      return row === undefined ? undefined : parseManifest(row);
    },
    async findVersion(operatorId, version) {
      const [row] = (await sql.ask(findVersion, [operatorId, version])).rows;
      return row === undefined ? undefined : parseManifest(row);
    },
  };
}

function parseManifest(row: Row, onUnreadable?: (found: UnreadableManifest) => void): StoredManifest | undefined {
  const {
    operator_id: operatorId,
    version,
    registered_at: registeredAt,
  } = row as { operator_id: string; version: string; registered_at: number };
  const { manifest, fault } = readManifest(row.manifest as string, operatorId);
  if (manifest !== undefined) return { version, manifest, registeredAt };
  onUnreadable?.({ operatorId, version, fault });
  return undefined;
}

type Read = { readonly manifest: OperatorManifest; readonly fault?: never } | { readonly manifest?: never; readonly fault: string };

function readManifest(text: string, operatorId: string): Read {
  try {
    const value: unknown = JSON.parse(text);
    const fault = findManifestFault(value, operatorId);
    return fault === undefined ? { manifest: value as OperatorManifest } : { fault };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}
