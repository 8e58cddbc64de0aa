import type { JsonValue, RunId } from "@openvibe/core";

export interface BucketEntry {
  readonly key: string;
  readonly value: JsonValue;
  /** Grows with every change of the bucket; the same number never names two values, unless the bucket was lost and made anew. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

/** What is known of an entry without its value. */
export interface BucketKey {
  readonly key: string;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** Of the value's JSON text. */
  readonly bytes: number;
}

export type BucketChange = (
  | { readonly kind: "put"; readonly entry: BucketEntry }
  | { readonly kind: "delete"; readonly key: string; readonly revision: number }
) &
  Pick<Required<BucketPlace>, "epoch"> &
  WriteOptions;

/** How far the changes of a bucket were read. */
export interface BucketPlace {
  /**
   * Which bucket of that name: one that was lost and made anew has another, though its revisions may pass the same numbers. Letters and digits. Without it
   * the revision is taken for the present bucket's.
   */
  readonly epoch?: string;
  /** Of the last change that was read; 0 before the first. */
  readonly revision: number;
}

export interface WriteOptions {
  /** The run that writes; told with the change. A writer that is no run names none. */
  readonly writtenBy?: RunId | undefined;
}

/** Changes of a key that every bus keeps, the newest one counted. */
export const KEPT_CHANGES = 8;

export interface BucketOptions {
  /** An entry not written again within this time is gone. Without it entries stay. */
  readonly ttlMs?: number;
}

/** Named key-value maps that all servers share. A bucket is made when it is first used. */
export interface Buckets {
  bucket(name: string, options?: BucketOptions): Bucket;
  /** Names of the buckets there are that begin with a prefix, in no order. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  names(prefix: string): Promise<readonly string[]>;
}

/** Reads see the newest value. Keys: `[A-Za-z0-9_=-]` and dots between them, at most 256; values at most 256 KB of JSON. */
export interface Bucket {
  /** @throws OpenVibeError OV_BUS_UNAVAILABLE */
  get(key: string): Promise<BucketEntry | undefined>;
  /** Last writer wins; gives the new revision. @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_BODY_TOO_LARGE */
  put(key: string, value: JsonValue, options?: WriteOptions): Promise<number>;
  /** Writes only if the key's revision is `revision` (0: only if there is no such key). Gives the new revision, or `undefined` when somebody else was faster. */
  putIf(key: string, value: JsonValue, revision: number, options?: WriteOptions): Promise<number | undefined>;
  /** Gives whether it was there (with that revision, when one is given). */
  delete(key: string, revision?: number, options?: WriteOptions): Promise<boolean>;
  /** All keys, or those that begin with a prefix, in no order. */
  keys(prefix?: string): Promise<readonly string[]>;
  /** The same keys with what is known of their entries, in no order. */
  list(prefix?: string): Promise<readonly BucketKey[]>;
  /**
   * Every change from now on, or after a place, until `signal` aborts. Survives outages of the bus without a gap as long as the bucket keeps its
   * history: at least the newest `KEPT_CHANGES` changes of a key where entries do not expire. Of a bucket that was made anew, since the place or under
   * the watch, all is told that it keeps.
   */
  watch(signal: AbortSignal, after?: BucketPlace): AsyncIterable<BucketChange>;
  /** What the key had before the change of that revision; `undefined` where it had nothing, or the bucket keeps it no more. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  before(key: string, revision: number): Promise<BucketEntry | undefined>;
}
