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
    text: `INSERT INTO ${table} (operator_id, version, manifest, source, registered_at)
      VALUES ($1, $2, $3, $4, CASE WHEN ${later} > ${dialect.now} THEN ${later} ELSE ${dialect.now} END)
      ON CONFLICT (operator_id, version) DO UPDATE SET registered_at = excluded.registered_at, source = excluded.source`,
  };
  const current = `FROM ${table} AS m WHERE NOT EXISTS (SELECT 1 FROM ${table} AS newer
    WHERE newer.operator_id = m.operator_id AND (newer.registered_at, newer.version) > (m.registered_at, m.version))`;
  const columns = "m.operator_id, m.version, m.manifest, m.registered_at, CASE WHEN m.source IS NULL THEN 0 ELSE 1 END AS posted";
  const list = { name: "list_manifests", text: `SELECT ${columns} ${current} ORDER BY m.operator_id` };
  const find = { name: "find_manifest", text: `SELECT ${columns} ${current} AND m.operator_id = $1` };
  const listPosted = {
    name: "list_posted",
    text: `SELECT m.operator_id, m.version, m.source ${current} AND m.source IS NOT NULL ORDER BY m.operator_id`,
  };
  const runs = dialect.table("runs");
  const open = "runs.operator_id = $1 AND runs.completed_at IS NULL";
  const remove = {
    name: "remove_manifests",
    text: `DELETE FROM ${table} WHERE operator_id = $1 AND NOT EXISTS (SELECT 1 FROM ${runs} WHERE ${open}) RETURNING version`,
  };
  const countOpen = { name: "count_open", text: `SELECT count(*) AS open FROM ${runs} WHERE ${open}` };

  const findVersion = {
    name: "find_manifest_version",
    text: `SELECT ${columns} FROM ${table} AS m WHERE m.operator_id = $1 AND m.version = $2`,
  };

  return {
    async register(manifest, version, source) {
      await sql.ask(register, [manifest.id, version, JSON.stringify(manifest), source ?? null]);
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
    async listPosted() {
      return (await sql.ask(listPosted, [])).rows.map((row) => ({
        operatorId: row.operator_id as string,
        version: row.version as string,
        source: row.source as string,
      }));
    },
    async remove(operatorId) {
      const { rows, again } = await sql.ask(remove, [operatorId]);
      if (rows.length > 0 || again) return { removed: true };
      const [counted] = (await sql.ask(countOpen, [operatorId])).rows;
      const left = Number(counted?.open ?? 0);
      return left === 0 ? { removed: true } : { removed: false, open: left };
    },
  };
}

function parseManifest(row: Row, onUnreadable?: (found: UnreadableManifest) => void): StoredManifest | undefined {
  const {
    operator_id: operatorId,
    version,
    registered_at: registeredAt,
    posted,
  } = row as { operator_id: string; version: string; registered_at: number; posted: number };
  const { manifest, fault } = readManifest(row.manifest as string, operatorId);
  if (manifest !== undefined) return { version, manifest, registeredAt, posted: posted === 1 };
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
