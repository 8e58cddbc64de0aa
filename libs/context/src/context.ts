import type { Bucket, BucketChange, BucketEntry, BucketKey, Buckets, WriteOptions } from "@openvibe/bus";
import {
  type Clock,
  CONTEXT_BUCKET_PATTERN,
  type ContextBucket,
  type ContextEntry,
  type JsonValue,
  OpenVibeError,
  type RunId,
  systemClock,
  toIso,
} from "@openvibe/core";

const BUCKET_NAME = new RegExp(CONTEXT_BUCKET_PATTERN);
/** Dots separate the parts of a key; every part is what a NATS key allows. */
const KEY = /^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/;
const MAX_KEY = 256;

/** What operators share, on the bus's buckets. Bucket names are given in full: `context-leads`. */
export interface SharedContext {
  /** `writtenBy`: the run whose changes these are. @throws OpenVibeError OV_ID_INVALID when the name is none of a context bucket */
  bucket(name: string, writtenBy?: RunId): SharedBucket;
}

export interface SharedBucket extends ContextBucket {
  /** Writes only over that revision (0: only if there is no such key). @throws OpenVibeError OV_REVISION_CONFLICT with the current revision in `extra` */
  putIf(key: string, value: JsonValue, revision: number): Promise<number>;
  /** Deletes the entry, where a revision is given only that one. Gives whether it was there. */
  deleteIf(key: string, revision?: number): Promise<boolean>;
  /** The keys that begin with a prefix and what is known of their entries, sorted. */
  list(prefix: string): Promise<readonly BucketKey[]>;
  /** Every change from now on. */
  watch(signal: AbortSignal): AsyncIterable<BucketChange>;
}

export function createContext(buckets: Buckets, clock: Clock = systemClock): SharedContext {
  return {
    bucket(name, writtenBy) {
      if (!BUCKET_NAME.test(name)) {
        throw new OpenVibeError(
          "OV_ID_INVALID",
          `context bucket ${JSON.stringify(name)} is not allowed: a name is "context-" and 1 to 55 of a-z, 0-9, _ and -`,
        );
      }
      return openBucket(buckets.bucket(name), { name, clock, writer: { writtenBy } });
    },
  };
}

interface OpenOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly writer: WriteOptions;
}

function openBucket(bucket: Bucket, { name, clock, writer }: OpenOptions): SharedBucket {
  const get = async <T extends JsonValue>(key: string): Promise<ContextEntry<T> | undefined> => {
    const entry = await bucket.get(checkKey(name, key));
    return entry === undefined ? undefined : toContextEntry<T>(entry);
  };
  return {
    get,
    async put(key, value) {
      return await bucket.put(checkKey(name, key), value, writer);
    },
    async putIf(key, value, revision) {
      const written = await bucket.putIf(checkKey(name, key), value, revision, writer);
      if (written !== undefined) return written;
      const current = (await bucket.get(key))?.revision ?? 0;
      throw new OpenVibeError("OV_REVISION_CONFLICT", `${name}/${key} has revision ${current}, not ${revision}`, {
        extra: { revision: current },
      });
    },
    async update<T extends JsonValue>(key: string, fn: (current: T | undefined) => T | Promise<T>) {
      checkKey(name, key);
      // Somebody else always got further when we lose, so that this ends.
      for (;;) {
        const current = await bucket.get(key);
        const value = await fn(current?.value as T | undefined);
        const revision = await bucket.putIf(key, value, current?.revision ?? 0, writer);
        if (revision !== undefined) return { key, value, revision, updatedAt: toIso(clock.now()) };
      }
    },
    async delete(key) {
      await bucket.delete(checkKey(name, key), undefined, writer);
    },
    async deleteIf(key, revision) {
      return await bucket.delete(checkKey(name, key), revision, writer);
    },
    async list(prefix) {
      return (await bucket.list(prefix)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    },
    watch: (signal) => bucket.watch(signal),
  };
}

function toContextEntry<T extends JsonValue>({ key, value, revision, updatedAt }: BucketEntry): ContextEntry<T> {
  return { key, value: value as T, revision, updatedAt: toIso(updatedAt) };
}

/** @throws OpenVibeError OV_ID_INVALID */
export function checkKey(bucket: string, key: string): string {
  if (key.length <= MAX_KEY && KEY.test(key)) return key;
  throw new OpenVibeError(
    "OV_ID_INVALID",
    `key ${JSON.stringify(key.slice(0, 80))} of ${bucket} is not allowed: up to ${MAX_KEY} of A-Z, a-z, 0-9, _, = and -, with single dots between`,
  );
}
