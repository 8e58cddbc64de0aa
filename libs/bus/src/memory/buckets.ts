import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { type Clock, type JsonValue, newToken } from "@openvibe/core";
import { parseBucketName, parseKey, toValueText, toWriter } from "../bucket-rules.ts";
import {
  type Bucket,
  type BucketChange,
  type BucketEntry,
  type BucketKey,
  type BucketOptions,
  type BucketPlace,
  type Buckets,
  KEPT_CHANGES,
  type WriteOptions,
} from "../buckets.ts";
import { Inbox } from "../inbox.ts";
import { guarded, inTransaction } from "./database.ts";
import { assertOpen } from "./open.ts";

export interface MemoryBucketsOptions {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly closing: AbortSignal;
}

/** Buckets as SQLite rows. A deleted key leaves a row without value: its revision is the deletion's. */
export class MemoryBuckets implements Buckets {
  readonly #options: MemoryBucketsOptions;
  readonly #watchers = new Map<string, Set<Inbox<BucketChange>>>();

  constructor(options: MemoryBucketsOptions) {
    this.#options = options;
    options.closing.addEventListener("abort", () => this.#endWatches(), { once: true });
  }

  bucket(name: string, options: BucketOptions = {}): Bucket {
    parseBucketName(name);
    const watchers = this.#watchers.get(name) ?? new Set();
    this.#watchers.set(name, watchers);
    return new MemoryBucket({ ...this.#options, name, ttlMs: options.ttlMs, watchers });
  }

  async names(prefix: string): Promise<readonly string[]> {
    assertOpen(this.#options.closing);
    return guarded("buckets cannot be listed", () =>
      this.#options.database
        .prepare("SELECT name FROM bus_buckets")
        .all()
        .map(({ name }) => String(name))
        .filter((name) => name.startsWith(prefix)),
    );
  }

  #endWatches(): void {
    for (const watchers of this.#watchers.values()) for (const watcher of [...watchers]) watcher.end();
  }
}

interface MemoryBucketOptions extends MemoryBucketsOptions {
  readonly name: string;
  readonly ttlMs: number | undefined;
  readonly watchers: Set<Inbox<BucketChange>>;
}

class MemoryBucket implements Bucket {
  readonly #options: MemoryBucketOptions;
  #made: { readonly ttlMs: number | undefined; readonly epoch: string } | undefined;

  constructor(options: MemoryBucketOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    parseKey(key);
    return this.#work(() => this.#find(key));
  }

  async put(key: string, value: JsonValue, options?: WriteOptions): Promise<number> {
    const text = toValueText(parseKey(key), value);
    return this.#work(() => this.#write(key, text, options));
  }

  async putIf(key: string, value: JsonValue, revision: number, options?: WriteOptions): Promise<number | undefined> {
    const text = toValueText(parseKey(key), value);
    return this.#work(() => {
      const wanted = revision === 0 ? this.#find(key) === undefined : this.#revision(key) === revision;
      return wanted ? this.#write(key, text, options) : undefined;
    });
  }

  async delete(key: string, revision?: number, options?: WriteOptions): Promise<boolean> {
    parseKey(key);
    return this.#work(() => {
      const entry = this.#find(key);
      if (entry === undefined || (revision !== undefined && entry.revision !== revision)) return false;
      this.#write(key, null, options);
      return true;
    });
  }

  async keys(prefix = ""): Promise<readonly string[]> {
    return (await this.list(prefix)).map(({ key }) => key);
  }

  async list(prefix = ""): Promise<readonly BucketKey[]> {
    return this.#work(() => {
      const rows = this.#prepare(`SELECT key, revision, updated_at, length(CAST(value AS BLOB)) AS bytes FROM bus_entries
        WHERE bucket = ? AND value IS NOT NULL AND updated_at > ?`);
      return rows
        .all(this.#options.name, this.#expiredBefore())
        .map(({ key, revision, updated_at, bytes }) => ({
          key: String(key),
          revision: Number(revision),
          updatedAt: Number(updated_at),
          bytes: Number(bytes),
        }))
        .filter(({ key }) => key.startsWith(prefix));
    });
  }

  watch(signal: AbortSignal, after?: BucketPlace): AsyncIterable<BucketChange> {
    assertOpen(this.#options.closing);
    const { watchers } = this.#options;
    const missed = after === undefined ? [] : this.#work(() => this.#changesAfter(after));
    const end = () => inbox.end();
    const inbox = new Inbox<BucketChange>(() => {
      watchers.delete(inbox);
      signal.removeEventListener("abort", end);
    });
    for (const change of missed) inbox.push(change);
    watchers.add(inbox);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    return inbox;
  }

  async before(key: string, revision: number): Promise<BucketEntry | undefined> {
    parseKey(key);
    return this.#work(() => {
      const sql = `SELECT key, value, revision, updated_at, written_by FROM bus_changes WHERE bucket = ? AND key = ? AND revision < ?
        ORDER BY revision DESC LIMIT 1`;
      const row = this.#prepare(sql).get(this.#options.name, key, revision);
      const change = row === undefined ? undefined : toChange(row, this.#epoch);
      return change?.kind === "put" ? change.entry : undefined;
    });
  }

  /** The newest change of each key, and those before it that are kept. */
  #changesAfter(place: BucketPlace): readonly BucketChange[] {
    const revision = place.epoch === undefined || place.epoch === this.#epoch ? place.revision : 0;
    const sql = "SELECT key, value, revision, updated_at, written_by FROM bus_changes WHERE bucket = ? AND revision > ? ORDER BY revision";
    return this.#prepare(sql)
      .all(this.#options.name, revision)
      .map((row) => toChange(row, this.#epoch));
  }

  #find(key: string): BucketEntry | undefined {
    const row = this.#prepare("SELECT value, revision, updated_at FROM bus_entries WHERE bucket = ? AND key = ? AND updated_at > ?").get(
      this.#options.name,
      key,
      this.#expiredBefore(),
    );
    if (row === undefined || row.value === null) return undefined;
    return { key, value: JSON.parse(String(row.value)) as JsonValue, revision: Number(row.revision), updatedAt: Number(row.updated_at) };
  }

  /** Also of a deletion. */
  #revision(key: string): number | undefined {
    const sql = "SELECT revision FROM bus_entries WHERE bucket = ? AND key = ? AND updated_at > ?";
    const row = this.#prepare(sql).get(this.#options.name, key, this.#expiredBefore());
    return row === undefined ? undefined : Number(row.revision);
  }

  #write(key: string, text: string | null, { writtenBy }: WriteOptions = {}): number {
    const updatedAt = this.#options.clock.now();
    const { name, database } = this.#options;
    // Replacing makes a new row, hence a new revision.
    const sql = "INSERT OR REPLACE INTO bus_entries (bucket, key, value, updated_at) VALUES (?, ?, ?, ?)";
    const write = () => Number(this.#prepare(sql).run(name, key, text, updatedAt).lastInsertRowid);
    const revision =
      this.#made?.ttlMs !== undefined
        ? write()
        : inTransaction(database, () => {
            const made = write();
            this.#keep({ revision: made, key, text, updatedAt, writtenBy });
            return made;
          });
    const what = { epoch: this.#epoch, ...toWriter(writtenBy) };
    for (const watcher of this.#options.watchers) {
      if (text === null) watcher.push({ kind: "delete", key, revision, ...what });
      else watcher.push({ kind: "put", entry: { key, value: JSON.parse(text) as JsonValue, revision, updatedAt }, ...what });
    }
    return revision;
  }

  /** Entries that expire are no history's matter: nobody asks what was before. */
  #keep({ revision, key, text, updatedAt, writtenBy }: Kept): void {
    const { name } = this.#options;
    this.#prepare("INSERT INTO bus_changes (revision, bucket, key, value, updated_at, written_by) VALUES (?, ?, ?, ?, ?, ?)").run(
      ...[revision, name, key, text, updatedAt, writtenBy ?? null],
    );
    this.#prepare(`DELETE FROM bus_changes WHERE revision IN
      (SELECT revision FROM bus_changes WHERE bucket = ? AND key = ? ORDER BY revision DESC LIMIT -1 OFFSET ${KEPT_CHANGES})`).run(
      name,
      key,
    );
  }

  /** Known once the bucket is in use. */
  get #epoch(): string {
    return this.#made?.epoch ?? "";
  }

  #expiredBefore(): number {
    const ttlMs = this.#made?.ttlMs;
    return ttlMs === undefined ? Number.MIN_SAFE_INTEGER : this.#options.clock.now() - ttlMs;
  }

  /** Makes the bucket when it is first used; who comes later with another lifetime takes the one it has. */
  #work<T>(work: () => T): T {
    assertOpen(this.#options.closing);
    const { name, ttlMs } = this.#options;
    return guarded(`bucket ${name} cannot be used`, () => {
      if (this.#made === undefined) {
        this.#prepare(`INSERT INTO bus_buckets (name, ttl_ms, epoch) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET epoch = excluded.epoch WHERE epoch IS NULL`).run(name, ttlMs ?? null, newToken());
        const row = this.#prepare("SELECT ttl_ms, epoch FROM bus_buckets WHERE name = ?").get(name);
        this.#made = { ttlMs: typeof row?.ttl_ms === "number" ? row.ttl_ms : undefined, epoch: String(row?.epoch) };
      }
      return work();
    });
  }

  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  #prepare(sql: string): ReturnType<DatabaseSync["prepare"]> {
    const statement = this.#statements.get(sql) ?? this.#options.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

interface Kept extends WriteOptions {
  readonly revision: number;
  readonly key: string;
  /** Of the value; `null` for a deletion. */
  readonly text: string | null;
  readonly updatedAt: number;
}

function toChange({ key, value, revision, updated_at, written_by }: Record<string, SQLOutputValue>, epoch: string): BucketChange {
  const at = { key: String(key), revision: Number(revision) };
  const what = { epoch, ...toWriter(written_by) };
  if (value === null) return { kind: "delete", ...at, ...what };
  return { kind: "put", entry: { ...at, value: JSON.parse(String(value)) as JsonValue, updatedAt: Number(updated_at) }, ...what };
}
