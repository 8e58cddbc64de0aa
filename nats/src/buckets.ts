import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { StreamWish } from "./streams.ts";

/** Who is alive: `<operator>.<instance>`, written every 10 s. Never the only copy of a manifest. */
export const REGISTRY_BUCKET = "registry";
export const REGISTRY_TTL_MS = 30_000;

/** Values of a key kept, the newest included: what a watcher can still catch up with after an outage. The bus promises as many (`KEPT_CHANGES`). */
export const BUCKET_HISTORY = 8;

export interface BucketWishOptions {
  readonly replicas: number;
  /** Without it entries stay. At least 100. */
  readonly ttlMs?: number;
}

/** The stream behind a bucket, as the key-value convention of NATS has it (ADR-8): `KV_<name>` on `$KV.<name>.>`. */
export function bucketWish(name: string, { replicas, ttlMs }: BucketWishOptions): StreamWish {
  return {
    name: bucketStream(name),
    description: `OpenVibe: bucket ${name}`,
    subjects: [`${bucketSubject(name)}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // Full means refused, never an older key dropped.
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    max_msgs_per_subject: BUCKET_HISTORY,
    allow_rollup_hdrs: true,
    allow_direct: true,
    ...(ttlMs === undefined ? {} : { max_age: ttlMs * 1_000_000 }),
  };
}

export function bucketStream(name: string): string {
  return `KV_${name}`;
}

export function bucketSubject(name: string): string {
  return `$KV.${name}`;
}
