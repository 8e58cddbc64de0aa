import { accessSync, constants, existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Finding, failFinding, isOpenVibeError, messageOf, type OperatorManifest, okFinding, warnFinding } from "@openvibe/core";

/** A SQLite store: whether it could be opened now, and has room. */
export async function examineSqlite(path: string): Promise<{ findings: readonly Finding[]; manifests: readonly OperatorManifest[] }> {
  if (path === ":memory:") {
    const advice = { why: "runs end with the process", todo: "set OPENVIBE_STORE to sqlite or postgres to keep them" };
    return { findings: [warnFinding("store.file", "runs are kept in memory", advice)], manifests: [] };
  }
  const folder = nearestFolder(dirname(resolve(path)));
  const { inspectSqlite } = await import("@openvibe/store/sqlite");
  try {
    const { exists, schema, manifests } = inspectSqlite(path);
    if (!exists) assertFolder(folder);
    const file = exists
      ? `${resolve(path)} can be written, and nobody holds it`
      : `${resolve(path)} is not there yet; the first start makes it`;
    return { findings: [okFinding("store.file", file), ...judgeSchema(schema), await examineDisk(folder)], manifests };
  } catch (error) {
    return { findings: [toFault(error, path), await examineDisk(folder)], manifests: [] };
  }
}

function judgeSchema({ found, newest }: { readonly found: number; readonly newest: number }): readonly Finding[] {
  if (found <= newest)
    return [
      okFinding("store.schema", found === 0 ? "there is no schema yet; the first start makes it" : `the schema has version ${found}`),
    ];
  return [
    failFinding("store.schema", `the schema has version ${found}, this OpenVibe knows up to ${newest}`, {
      why: "it refuses to start on it",
      todo: "use the OpenVibe that made it, or another file",
    }),
  ];
}

function toFault(error: unknown, path: string): Finding {
  if (isOpenVibeError(error, "OV_STORE_IN_USE"))
    return failFinding("store.file", `${resolve(path)} is held by another process`, {
      why: "one process alone holds a SQLite store: serve would be refused",
      todo: "stop that process (unless it is your server), or set OPENVIBE_SQLITE_PATH to another file",
    });
  const todo = "set OPENVIBE_SQLITE_PATH to a file that this user may write";
  return failFinding("store.file", `${resolve(path)} cannot be used: ${messageOf(error)}`, { why: "serve would be refused", todo });
}

const FAIL_BYTES = 100 * 1024 ** 2;
const WARN_BYTES = 1024 ** 3;

async function examineDisk(folder: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return judgeDisk(folder, bavail * bsize);
  } catch (error) {
    const advice = { why: "a full disk stops every run", todo: "look at it yourself" };
    return warnFinding("store.disk", `the free space of ${folder} cannot be read: ${messageOf(error)}`, advice);
  }
}

export function judgeDisk(folder: string, freeBytes: number): Finding {
  const what = `${folder} has ${Math.floor(freeBytes / 1024 ** 2)} MiB free`;
  const advice = { why: "a full disk stops every run", todo: "make room, or set OPENVIBE_SQLITE_PATH to another disk" };
  if (freeBytes < FAIL_BYTES) return failFinding("store.disk", what, advice);
  return freeBytes < WARN_BYTES ? warnFinding("store.disk", what, advice) : okFinding("store.disk", what);
}

function assertFolder(folder: string): void {
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder`);
  accessSync(folder, constants.W_OK | constants.X_OK);
}

/** The folder, or the nearest above it that is there: the rest would be made. */
function nearestFolder(folder: string): string {
  if (existsSync(folder)) return folder;
  const above = dirname(folder);
  return above === folder ? folder : nearestFolder(above);
}
