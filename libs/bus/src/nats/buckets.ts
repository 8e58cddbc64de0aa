import type { StoredMsg } from "@nats-io/jetstream";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { JsonValue } from "@openvibe/core";
import { applyStream, bucketStream, bucketSubject, bucketWish, OV_EVENTS } from "@openvibe/nats";
import { parseBucketName, parseKey, toValueText, toWriter } from "../bucket-rules.ts";
import type { Bucket, BucketChange, BucketEntry, BucketKey, BucketOptions, BucketPlace, Buckets, WriteOptions } from "../buckets.ts";
import { isPassing, isStreamMissing } from "./errors.ts";
import type { Link } from "./link.ts";
import { persist } from "./persist.ts";
import { publishUntil, toOutcomeError } from "./publish.ts";
import { epochOf, type FollowedMessage, followStream } from "./stream-follower.ts";
import { readStream, type StreamMessage } from "./stream-reader.ts";

const OPERATION = "KV-Operation";
const WRITTEN_BY = "ov-run-id";
const EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();

/** NATS key-value buckets, laid out as every NATS client has them (ADR-8): a revision is a stream sequence. */
export class NatsBuckets implements Buckets {
  readonly #link: Link;
  readonly #replicas: number | undefined;
  readonly #buckets = new Map<string, NatsBucket>();

  constructor(link: Link, { replicas }: { readonly replicas?: number | undefined } = {}) {
    this.#link = link;
    this.#replicas = replicas;
  }

  bucket(name: string, options: BucketOptions = {}): Bucket {
    const known = this.#buckets.get(parseBucketName(name));
    const bucket = known ?? new NatsBucket(this.#link, name, (wanted) => this.#make(name, wanted));
    this.#buckets.set(name, bucket);
    bucket.want(options);
    return bucket;
  }

  async names(prefix: string): Promise<readonly string[]> {
    const start = bucketStream(prefix);
    const streams = await persist(this.#link, "buckets cannot be listed", () => listNames(this.#link));
    return streams.filter((name) => name.startsWith(start)).map((name) => name.slice(bucketStream("").length));
  }

  /** Takes the bucket as it is when it is there: another lifetime than ours, or another client's history, is no fault. */
  async #make(name: string, { ttlMs }: BucketOptions): Promise<void> {
    const { streams } = this.#link.jsm;
    try {
      await streams.info(bucketStream(name));
    } catch (error) {
      if (!isStreamMissing(error)) throw error;
      const replicas = this.#replicas ?? (await streams.info(OV_EVENTS)).config.num_replicas;
      const wish = bucketWish(name, { replicas, ...(ttlMs === undefined ? {} : { ttlMs }) });
      // Somebody else may have made it meanwhile, with another lifetime.
      await applyStream(this.#link.jsm, wish).catch((refused: unknown) =>
        streams.info(bucketStream(name)).catch(() => {
          throw refused;
        }),
      );
    }
  }
}

class NatsBucket implements Bucket {
  readonly #link: Link;
  readonly #name: string;
  readonly #make: (wanted: BucketOptions) => Promise<void>;
  #wanted: BucketOptions = {};
  #made: Promise<void> | undefined;
  /** Watches that do not know yet where they begin: what is written after `watch` waits for them. */
  readonly #beginning = new Set<Promise<unknown>>();

  constructor(link: Link, name: string, make: (wanted: BucketOptions) => Promise<void>) {
    this.#link = link;
    this.#name = name;
    this.#make = make;
  }

  /** For when it is made. */
  want(options: BucketOptions): void {
    this.#wanted = { ...this.#wanted, ...options };
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    return toEntry(key, await this.#last(parseKey(key)));
  }

  async put(key: string, value: JsonValue, options?: WriteOptions): Promise<number> {
    const text = toValueText(parseKey(key), value);
    const revision = await this.#write(key, text, options);
    if (revision === undefined) throw toOutcomeError(this.#failed(key), { kind: "wrong_sequence" });
    return revision;
  }

  async putIf(key: string, value: JsonValue, revision: number, options?: WriteOptions): Promise<number | undefined> {
    const text = toValueText(parseKey(key), value);
    const written = await this.#write(key, text, { ...options, expected: revision });
    if (written !== undefined || revision !== 0) return written;
    // "No such key" also holds of a deleted one, whose last message is the deletion.
    const last = await this.#last(key);
    if (last === null || !isDeletion(last.header)) return undefined;
    return this.#write(key, text, { ...options, expected: last.seq });
  }

  async delete(key: string, revision?: number, options?: WriteOptions): Promise<boolean> {
    parseKey(key);
    for (;;) {
      const entry = toEntry(key, await this.#last(key));
      if (entry === undefined || (revision !== undefined && entry.revision !== revision)) return false;
      const written = await this.#write(key, NOTHING, { ...options, expected: entry.revision, deletion: true });
      if (written !== undefined) return true;
    }
  }

  async keys(prefix = ""): Promise<readonly string[]> {
    return (await this.list(prefix)).map(({ key }) => key);
  }

  async list(prefix = ""): Promise<readonly BucketKey[]> {
    const { state } = await this.#ask("its keys", () => this.#link.jsm.streams.info(bucketStream(this.#name)));
    // Whole tokens of the prefix are left to the server.
    const tokens = prefix.slice(0, prefix.lastIndexOf(".") + 1);
    const subject = `${bucketSubject(this.#name)}.${/^([A-Za-z0-9_=-]+\.)*$/.test(tokens) ? tokens : ""}>`;
    const range = { stream: bucketStream(this.#name), subjects: [subject], after: 0, until: state.last_seq, newestOnly: true };
    const keys = new Map<string, BucketKey>();
    for await (const message of readStream(this.#link, range, this.#link.closing)) {
      const key = this.#keyOf(message.subject);
      if (isDeletion(message.headers)) keys.delete(key);
      else if (key.startsWith(prefix)) keys.set(key, toBucketKey(key, message));
    }
    return [...keys.values()];
  }

  watch(signal: AbortSignal, after?: BucketPlace): AsyncIterable<BucketChange> {
    this.#link.assertOpen();
    if (after !== undefined) return this.#watchFrom(Promise.resolve(after), signal);
    const beginning = this.#ask("its end", () => this.#link.jsm.streams.info(bucketStream(this.#name)));
    this.#beginning.add(beginning);
    const done = () => void this.#beginning.delete(beginning);
    beginning.then(done, done);
    return this.#watchFrom(
      beginning.then((info) => ({ epoch: epochOf(info), revision: info.state.last_seq })),
      signal,
    );
  }

  async *#watchFrom(beginning: Promise<BucketPlace>, signal: AbortSignal): AsyncGenerator<BucketChange, void, void> {
    const { epoch, revision } = await beginning;
    const range = { stream: bucketStream(this.#name), subjects: [`${bucketSubject(this.#name)}.>`], after: revision, epoch };
    for await (const message of followStream(this.#link, range, signal)) yield this.#toChange(message);
  }

  /** From the key's oldest message on, of which there are few. */
  async before(key: string, revision: number): Promise<BucketEntry | undefined> {
    const subject = `${bucketSubject(this.#name)}.${parseKey(key)}`;
    const stream = bucketStream(this.#name);
    let before: StoredMsg | null = null;
    for (let seq = 1; seq < revision; ) {
      const query = { seq, next_by_subj: subject };
      const message = await this.#ask(`key ${key}`, () => this.#link.jsm.streams.getMessage(stream, query));
      if (message === null || message.seq >= revision) break;
      before = message;
      seq = message.seq + 1;
    }
    return toEntry(key, before);
  }

  #toChange({ subject, seq, epoch, storedAt, headers: hdrs, data }: FollowedMessage): BucketChange {
    const key = this.#keyOf(subject);
    const writer = toWriter(hdrs?.get(WRITTEN_BY));
    if (isDeletion(hdrs)) return { kind: "delete", key, revision: seq, epoch, ...writer };
    return { kind: "put", entry: { key, value: parseValue(data), revision: seq, updatedAt: storedAt }, epoch, ...writer };
  }

  #keyOf(subject: string): string {
    return subject.slice(bucketSubject(this.#name).length + 1);
  }

  /** By the stream's leader, so that it is the newest. */
  #last(key: string): Promise<StoredMsg | null> {
    return this.#ask(`key ${key}`, () =>
      this.#link.jsm.streams.getMessage(bucketStream(this.#name), { last_by_subj: `${bucketSubject(this.#name)}.${key}` }),
    );
  }

  async #write(
    key: string,
    body: string | Uint8Array,
    { expected, deletion = false, writtenBy }: WriteOptions & { expected?: number; deletion?: boolean } = {},
  ): Promise<number | undefined> {
    await this.#ready();
    await Promise.allSettled(this.#beginning);
    const hdrs = headers();
    if (expected !== undefined) hdrs.append(EXPECTED_LAST_SUBJECT_SEQUENCE, String(expected));
    if (deletion) hdrs.append(OPERATION, "DEL");
    if (writtenBy !== undefined) hdrs.append(WRITTEN_BY, writtenBy);
    // Not repeated after an unknown outcome: it could undo what somebody else wrote since, or lose against itself.
    const outcome = await publishUntil(
      this.#link,
      { subject: `${bucketSubject(this.#name)}.${key}`, body, headers: hdrs },
      { repeatable: false },
    );
    if (outcome.kind === "stored") return outcome.seq;
    if (outcome.kind === "wrong_sequence") return undefined;
    this.#made = undefined; // it may have been removed: the next call makes it again
    throw toOutcomeError(this.#failed(key), outcome);
  }

  #failed(key: string): string {
    return `key ${key} of bucket ${this.#name} is not written`;
  }

  /** Reads something of the bucket's stream, making the bucket first where there is none. */
  #ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    return persist(
      this.#link,
      `${what} of bucket ${this.#name} cannot be read`,
      async () => {
        await this.#ready();
        return work();
      },
      (error) => {
        if (isStreamMissing(error)) this.#made = undefined;
        return isStreamMissing(error) || isPassing(error);
      },
    );
  }

  #ready(): Promise<void> {
    this.#made ??= persist(this.#link, `bucket ${this.#name} cannot be made`, () => this.#make(this.#wanted)).catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }
}

function toEntry(key: string, message: StoredMsg | null): BucketEntry | undefined {
  if (message === null || isDeletion(message.header)) return undefined;
  return { key, value: parseValue(message.data), revision: message.seq, updatedAt: message.time.getTime() };
}

/** Of a message that came without its body: then the server says how long that is. */
function toBucketKey(key: string, { seq, storedAt, headers: hdrs }: StreamMessage): BucketKey {
  return { key, revision: seq, updatedAt: storedAt, bytes: Number(hdrs?.get("Nats-Msg-Size") ?? 0) };
}

function isDeletion(hdrs: MsgHdrs | undefined): boolean {
  const operation = hdrs?.get(OPERATION);
  return operation === "DEL" || operation === "PURGE" || hdrs?.has("Nats-Marker-Reason") === true;
}

/** What another client wrote as plain text is given as that text. */
function parseValue(data: Uint8Array): JsonValue {
  const text = decoder.decode(data);
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

async function listNames({ jsm }: Link): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of jsm.streams.names(`${bucketSubject("*")}.>`)) names.push(name);
  return names;
}
