import { type JsonValue, newToken } from "@openvibe/core";
import { parseBucketName, parseKey, toValueText, toWriter } from "../bucket-rules.ts";
import type { Bucket, BucketChange, BucketEntry, BucketKey, BucketOptions, BucketPlace, Buckets, WriteOptions } from "../buckets.ts";
import { Inbox } from "../inbox.ts";
import { LIST, READ, WRITE } from "./bucket-scripts.ts";
import { toBusError } from "./errors.ts";
import { BOUNDS } from "./event-log-scripts.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import { numberOf, type Reply, type StreamEntry, toEntries, toList, toText } from "./reply.ts";
import type { StreamFollower } from "./stream-follower.ts";

/** Changes of a bucket that are kept, about: what a watch can miss in an outage and still be told. */
const MAX_CHANGES = 500;
const PAGE_KEYS = 500;

export interface RedisBucketsOptions {
  readonly link: Link;
  readonly follower: StreamFollower;
}

/** Buckets as hashes, each with a stream of its changes that counts the revisions. */
export class RedisBuckets implements Buckets {
  readonly #options: RedisBucketsOptions;
  readonly #beginning = new Map<string, Set<Promise<unknown>>>();

  constructor(options: RedisBucketsOptions) {
    this.#options = options;
  }

  bucket(name: string, { ttlMs }: BucketOptions = {}): Bucket {
    const beginning = this.#beginning.get(parseBucketName(name)) ?? new Set();
    this.#beginning.set(name, beginning);
    return new RedisBucket({ ...this.#options, name, ttlMs, beginning });
  }

  async names(prefix: string): Promise<readonly string[]> {
    const { link } = this.#options;
    const found = new Set<string>();
    let cursor = "0";
    do {
      const args = ["SCAN", cursor, "MATCH", link.keys.lifetimesOf(prefix), "COUNT", String(PAGE_KEYS)] as const;
      const [next, keys] = toList(await persist(link, "buckets cannot be listed", () => link.call(...args)));
      for (const key of toList(keys)) found.add(link.keys.bucketOf(toText(key)));
      cursor = toText(next);
    } while (cursor !== "0");
    return [...found];
  }
}

interface RedisBucketOptions extends RedisBucketsOptions {
  readonly name: string;
  readonly ttlMs: number | undefined;
  /** Watches of the bucket that do not know yet where they begin: what is written after `watch` waits for them. */
  readonly beginning: Set<Promise<unknown>>;
}

class RedisBucket implements Bucket {
  readonly #options: RedisBucketOptions;
  readonly #link: Link;
  readonly #keys: readonly string[];
  readonly #changes: string;

  constructor(options: RedisBucketOptions) {
    const { entries, made, changes, epoch } = options.link.keys.bucket(options.name);
    this.#options = options;
    this.#link = options.link;
    this.#keys = [entries, made, changes, epoch];
    this.#changes = changes;
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    parseKey(key);
    const [revision, updatedAt, value] = toList(await this.#ask(`key ${key}`, () => this.#link.run(READ, this.#keys, [key])));
    if (value === undefined) return undefined;
    return { key, value: JSON.parse(toText(value)) as JsonValue, revision: Number(revision), updatedAt: Number(updatedAt) };
  }

  async put(key: string, value: JsonValue, options?: WriteOptions): Promise<number> {
    return this.#write(key, ["put", toValueText(parseKey(key), value), ""], options);
  }

  async putIf(key: string, value: JsonValue, revision: number, options?: WriteOptions): Promise<number | undefined> {
    const written = await this.#write(key, ["put", toValueText(parseKey(key), value), String(revision)], options);
    return written === 0 ? undefined : written;
  }

  async delete(key: string, revision?: number, options?: WriteOptions): Promise<boolean> {
    parseKey(key);
    return (await this.#write(key, ["delete", "", revision === undefined ? "" : String(revision)], options)) > 0;
  }

  async keys(prefix = ""): Promise<readonly string[]> {
    return (await this.list(prefix)).map(({ key }) => key);
  }

  async list(prefix = ""): Promise<readonly BucketKey[]> {
    // A hash that is rebuilt meanwhile may give an entry twice.
    const found = new Map<string, BucketKey>();
    let cursor = "0";
    do {
      const args = [cursor, prefix, PAGE_KEYS];
      const [next, ...parts] = toList(await this.#ask("its keys", () => this.#link.run(LIST, this.#keys, args)));
      for (let at = 0; at < parts.length; at += 4) {
        const key = toText(parts[at]);
        found.set(key, { key, revision: Number(parts[at + 1]), updatedAt: Number(parts[at + 2]), bytes: Number(parts[at + 3]) });
      }
      cursor = toText(next);
    } while (cursor !== "0");
    return [...found.values()];
  }

  watch(signal: AbortSignal, after?: BucketPlace): AsyncIterable<BucketChange> {
    this.#link.assertOpen();
    if (after !== undefined) return this.#watchFrom(Promise.resolve(after), signal);
    const beginning = this.#ask("its end", () => this.#link.run(BOUNDS, [this.#changes], []));
    this.#options.beginning.add(beginning);
    const done = () => void this.#options.beginning.delete(beginning);
    beginning.then(done, done);
    return this.#watchFrom(beginning.then(toEnd), signal);
  }

  async *#watchFrom(beginning: Promise<BucketPlace>, signal: AbortSignal): AsyncGenerator<BucketChange, void, void> {
    const { epoch = "", revision } = await beginning;
    const ends = [signal, this.#link.closing];
    const inbox = new Inbox<BucketChange>();
    const end = () => inbox.end();
    for (const each of ends) each.addEventListener("abort", end);
    if (ends.some(({ aborted }) => aborted)) end();
    using _following = this.#options.follower.follow(this.#changes, { number: revision, epoch }, (number, entry) =>
      inbox.push(toChange(number, entry)),
    );
    try {
      yield* inbox;
    } finally {
      for (const each of ends) each.removeEventListener("abort", end);
    }
  }

  async before(key: string, revision: number): Promise<BucketEntry | undefined> {
    parseKey(key);
    const args = ["XREVRANGE", this.#changes, `(0-${revision}`, "-"] as const;
    const entries = toEntries(await this.#ask(`key ${key}`, () => this.#link.call(...args)));
    const before = entries.find(({ fields }) => fields.get("key") === key);
    const change = before === undefined ? undefined : toChange(numberOf(before.id), before);
    return change?.kind === "put" ? change.entry : undefined;
  }

  /** Not repeated after an unknown outcome: it could undo what somebody else wrote since, or lose against itself. */
  async #write(
    key: string,
    [verb, value, expected]: readonly [verb: "put" | "delete", value: string, expected: string],
    { writtenBy = "" }: WriteOptions = {},
  ): Promise<number> {
    const link = this.#link;
    link.assertOpen();
    await Promise.allSettled(this.#options.beginning);
    const what = `key ${key} of bucket ${this.#options.name} is not written`;
    if (!link.connected) await persist(link, what, () => link.call("PING"));
    try {
      const args = [key, verb, value, expected, this.#options.ttlMs ?? 0, MAX_CHANGES, writtenBy, newToken()];
      return Number(await link.run(WRITE, this.#keys, args));
    } catch (cause) {
      throw toBusError(what, cause);
    }
  }

  #ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    return persist(this.#link, `${what} of bucket ${this.#options.name} cannot be read`, work);
  }
}

function toEnd(bounds: Reply): BucketPlace {
  const [, last, epoch] = toList(bounds);
  return { epoch: toText(epoch), revision: Number(last) };
}

function toChange(revision: number, { fields }: StreamEntry): BucketChange {
  const key = fields.get("key") ?? "";
  const text = fields.get("put");
  // A version that knew of no epochs said none.
  const what = { epoch: fields.get("epoch") ?? "", ...toWriter(fields.get("by")) };
  if (text === undefined) return { kind: "delete", key, revision, ...what };
  const entry = { key, value: JSON.parse(text) as JsonValue, revision, updatedAt: Number(fields.get("at")) };
  return { kind: "put", entry, ...what };
}
