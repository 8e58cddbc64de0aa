import { newToken } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { type Bucket, type BucketChange, type BucketPlace, KEPT_CHANGES } from "../buckets.ts";
import type { Bus } from "../bus.ts";
import { eventually, first, quietFor, thrownBy } from "./support.ts";
import { type BucketsUnderTest, openBus } from "./world.ts";

function freshName(): string {
  return `context-${newToken()}`;
}

export function bucketsContract(under: BucketsUnderTest): void {
  describe(`${under.name} keeps the promises of Buckets`, () => {
    test("what was put is read as it was, with its revision and time", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const value = { company: "Zoë & Söhne", tags: ["a", null, 1.5], nested: { deep: true } };

      const revision = await bucket.put("leads.acme=1_x-y", value);
      const entry = await bucket.get("leads.acme=1_x-y");

      expect(entry).toEqual({ key: "leads.acme=1_x-y", value, revision, updatedAt: expect.any(Number) });
      expect(Math.abs(Date.now() - (entry?.updatedAt ?? 0))).toBeLessThan(60_000);
    });

    test("a key that was never put is not there", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());

      expect(await bucket.get("nothing")).toBeUndefined();
      expect(await bucket.keys()).toEqual([]);
      expect(await bucket.delete("nothing")).toBe(false);
    });

    test("the last put wins, and reads see it at once", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());

      for (let turn = 0; turn < 30; turn++) {
        const revision = await bucket.put("key", turn);
        expect(await bucket.get("key")).toMatchObject({ value: turn, revision });
      }
    });

    test("null, false, 0 and empty text are values", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());

      for (const value of [null, false, 0, "", [], {}]) {
        await bucket.put("key", value);
        expect((await bucket.get("key"))?.value).toEqual(value);
      }
      expect(await bucket.keys()).toEqual(["key"]);
    });

    test("buckets do not see each other's keys; two of one name are the same", async () => {
      await using place = await openBus(under);
      const [name, other] = [freshName(), freshName()];

      await place.bus.buckets.bucket(name).put("key", 1);

      expect(await place.bus.buckets.bucket(other).get("key")).toBeUndefined();
      expect((await place.bus.buckets.bucket(name).get("key"))?.value).toBe(1);
    });

    test("putIf writes only on the revision it was given", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const made = await bucket.put("key", 1);

      const changed = await bucket.putIf("key", 2, made);

      expect(changed).toBeGreaterThan(made);
      expect(await bucket.putIf("key", 3, made)).toBeUndefined();
      expect(await bucket.putIf("other", 3, made)).toBeUndefined();
      expect((await bucket.get("key"))?.value).toBe(2);
      expect(await bucket.get("other")).toBeUndefined();
    });

    test("putIf with revision 0 writes only where there is no such key, also after a delete", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());

      const made = await bucket.putIf("key", 1, 0);
      const refused = await bucket.putIf("key", 2, 0);
      await bucket.delete("key");
      const madeAgain = await bucket.putIf("key", 3, 0);

      expect(made).toBeGreaterThan(0);
      expect(refused).toBeUndefined();
      expect(madeAgain).toBeGreaterThan(made ?? 0);
      expect((await bucket.get("key"))?.value).toBe(3);
    });

    test("delete says whether it was there, and with a revision whether it was that one", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const old = await bucket.put("key", 1);
      const revision = await bucket.put("key", 2);

      expect(await bucket.delete("key", old)).toBe(false);
      expect((await bucket.get("key"))?.value).toBe(2);
      expect(await bucket.delete("key", revision)).toBe(true);
      expect(await bucket.get("key")).toBeUndefined();
      expect(await bucket.delete("key")).toBe(false);
      expect(await bucket.delete("key", revision)).toBe(false);
    });

    test("of many who delete at once one is told that it was there", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      await bucket.put("key", 1);

      const answers = await Promise.all(Array.from({ length: 10 }, () => bucket.delete("key")));

      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    test("keys are all of them, or those that begin with a prefix", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      for (const key of ["leads.acme", "leads.zeta", "leads2.x", "leads", "deals.acme", "gone"]) await bucket.put(key, 1);
      await bucket.put("leads.acme", 2);
      await bucket.delete("gone");

      const keys = async (prefix?: string) => (await bucket.keys(prefix)).toSorted();

      expect(await keys()).toEqual(["deals.acme", "leads", "leads.acme", "leads.zeta", "leads2.x"]);
      expect(await keys("leads")).toEqual(["leads", "leads.acme", "leads.zeta", "leads2.x"]);
      expect(await keys("leads.")).toEqual(["leads.acme", "leads.zeta"]);
      expect(await keys("leads.a")).toEqual(["leads.acme"]);
      expect(await keys("none.")).toEqual([]);
      expect(await keys("bad key *.>")).toEqual([]);
    });

    test("a list tells of each key what its entry has, without the value", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      await bucket.put("leads.acme", 1);
      await bucket.put("leads.acme", { text: "ünï" });
      await bucket.put("leads.zeta", "x".repeat(1_000));
      await bucket.put("gone", 1);
      await bucket.delete("gone");
      const toKey = async (key: string, bytes: number) => {
        const entry = await bucket.get(key);
        return { key, revision: entry?.revision, updatedAt: entry?.updatedAt, bytes };
      };

      const listed = (await bucket.list("leads")).toSorted((a, b) => (a.key < b.key ? -1 : 1));

      expect(listed).toEqual([await toKey("leads.acme", Buffer.byteLength('{"text":"ünï"}')), await toKey("leads.zeta", 1_002)]);
      expect((await bucket.list()).length).toBe(2);
      expect(await bucket.list("none")).toEqual([]);
    });

    test("more keys than a page are all listed", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const keys = Array.from({ length: 700 }, (_, index) => `key.${index}`);
      await Promise.all(keys.map((key) => bucket.put(key, 1)));

      expect((await bucket.keys()).toSorted()).toEqual(keys.toSorted());
    });

    test("32 writers that update one key lose nothing, and no revision names two values", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const revisions: number[] = [];

      await Promise.all(Array.from({ length: 32 }, () => increment(bucket, "counter", revisions)));

      expect((await bucket.get("counter"))?.value).toBe(32);
      expect(new Set(revisions).size).toBe(32);
      expect(Math.max(...revisions)).toBe((await bucket.get("counter"))?.revision);
    });

    test("revisions grow over all keys, deletions included, and are never used again", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const stop = new AbortController();
      const watching = first(bucket.watch(stop.signal), 6);

      await bucket.put("a", 1);
      await bucket.put("b", 1);
      await bucket.delete("b");
      await bucket.put("b", 2);
      await bucket.delete("a");
      await bucket.putIf("a", 3, 0);
      const revisions = (await watching).map(revisionOf);

      expect(revisions).toEqual([...new Set(revisions)].toSorted((x, y) => x - y));
    });

    test("a watch tells every change since it was asked for, in order, and nothing older", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      await bucket.put("old", 1);
      const stop = new AbortController();

      const watching = first(bucket.watch(stop.signal), 4);
      const one = await bucket.put("a", { n: 1 });
      const two = await bucket.put("a", { n: 2 });
      await bucket.delete("a");
      const three = await bucket.put("b.c", 3);
      const epoch = expect.stringMatching(/^[a-z0-9]{8,32}$/);

      expect(await watching).toEqual([
        { kind: "put", entry: { key: "a", value: { n: 1 }, revision: one, updatedAt: expect.any(Number) }, epoch },
        { kind: "put", entry: { key: "a", value: { n: 2 }, revision: two, updatedAt: expect.any(Number) }, epoch },
        { kind: "delete", key: "a", revision: expect.any(Number), epoch },
        { kind: "put", entry: { key: "b.c", value: 3, revision: three, updatedAt: expect.any(Number) }, epoch },
      ]);
    });

    test("a change says which run wrote it, also to who hears of it later; what no run wrote says nothing", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const known = await bucket.put("before", 0);
      const watching = first(bucket.watch(new AbortController().signal), 5);
      const writtenBy = "run_2026-11-28_0writer";

      await bucket.put("a", 1, { writtenBy });
      const revision = (await bucket.putIf("a", 2, (await bucket.get("a"))?.revision ?? -1, { writtenBy })) ?? 0;
      await bucket.delete("a", revision, { writtenBy });
      await bucket.putIf("a", 3, 0, { writtenBy });
      await bucket.put("a", 4);
      const writers = (changes: readonly BucketChange[]) => changes.map((change) => change.writtenBy);

      expect(writers(await watching)).toEqual([writtenBy, writtenBy, writtenBy, writtenBy, undefined]);
      expect(writers(await first(bucket.watch(new AbortController().signal, { revision: known }), 5))).toEqual(writers(await watching));
    });

    test("refused writes are told to no watch", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const watching = first(bucket.watch(new AbortController().signal), 2);

      await bucket.putIf("key", 1, 0);
      await bucket.putIf("key", 2, 0);
      await bucket.delete("key", 999_999);
      await bucket.put("end", 3);

      expect((await watching).map((change) => (change.kind === "put" ? change.entry.value : null))).toEqual([1, 3]);
    });

    test("aborting ends a watch", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const stop = new AbortController();
      const seen: BucketChange[] = [];
      const watching = (async () => {
        for await (const change of bucket.watch(stop.signal)) seen.push(change);
      })();
      await bucket.put("key", 1);
      await eventually(() => seen.length === 1, "the change is told");

      stop.abort();
      await watching;

      expect(seen).toHaveLength(1);
    });

    test("disposing the bus ends a watch", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const watching = Array.fromAsync(bucket.watch(new AbortController().signal));
      await bucket.put("key", 1);
      await eventuallyStored(bucket);

      await place.bus[Symbol.asyncDispose]();

      expect((await watching).length).toBeLessThanOrEqual(1);
      expect(await thrownBy(() => bucket.get("key"))).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
      expect(await thrownBy(() => bucket.put("key", 2))).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
    });

    test("an entry of a bucket with a lifetime is gone when it was not written again", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName(), { ttlMs: 1_000 });
      await bucket.put("beating", 0);
      await bucket.put("silent", 0);

      for (let beat = 1; beat <= 12; beat++) {
        await quietFor(250);
        await bucket.put("beating", beat);
      }

      expect(await bucket.keys()).toEqual(["beating"]);
      expect(await bucket.get("silent")).toBeUndefined();
      expect((await bucket.get("beating"))?.value).toBe(12);
      expect(await bucket.putIf("silent", 1, 0)).toBeGreaterThan(0);
    });

    test("whoever comes to a bucket without a lifetime takes the one it has", async () => {
      await using world = await under.openWorld();
      await using one = await world.open();
      await using two = await world.open();
      const name = freshName();
      await one.buckets.bucket(name, { ttlMs: 500 }).put("key", 1);

      const seen = (await two.buckets.bucket(name).get("key"))?.value;
      await quietFor(1_800);

      expect(seen).toBe(1);
      expect(await two.buckets.bucket(name).get("key")).toBeUndefined();
    });

    test.each(["", ".a", "a.", "a..b", "a b", "a/b", "a:b", "ä", "a*", "a.>", "x".repeat(257)])("the key %j is refused", async (key) => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());

      for (const work of [() => bucket.get(key), () => bucket.put(key, 1), () => bucket.putIf(key, 1, 0), () => bucket.delete(key)])
        expect(await thrownBy(work)).toMatchObject({ code: "OV_PARAMETER_INVALID" });
    });

    test.each(["a", "A-1_=", "x".repeat(256), "a.b.c", "-a", "=", "_"])("the key %j is allowed", async (key) => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());

      await bucket.put(key, 1);

      expect(await bucket.keys()).toEqual([key]);
    });

    test.each(["", "a.b", "a b", "ä", "x".repeat(129)])("the bucket name %j is refused", async (name) => {
      await using place = await openBus(under);

      expect(await thrownBy(() => place.bus.buckets.bucket(name))).toMatchObject({ code: "OV_PARAMETER_INVALID" });
    });

    test("a value of 256 KB is kept, one byte more is refused, counted in bytes of its JSON", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const largest = "ä".repeat((256 * 1024 - 2) / 2);

      await bucket.put("key", largest);

      expect((await bucket.get("key"))?.value).toBe(largest);
      expect(await thrownBy(() => bucket.put("key", `${largest}x`))).toMatchObject({ code: "OV_BODY_TOO_LARGE" });
      expect(await thrownBy(() => bucket.putIf("key", `${largest}x`, 0))).toMatchObject({ code: "OV_BODY_TOO_LARGE" });
    });

    test("a watch from a revision on tells what came since, of each key at least the newest changes, then what comes", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      const known = await bucket.put("a", 0);
      await bucket.put("a", 1);
      await bucket.delete("a");
      for (let n = 0; n < KEPT_CHANGES; n++) await bucket.put("b", n);
      const stopping = new AbortController();

      const changes = bucket.watch(stopping.signal, { revision: known });
      await bucket.put("c", "later");
      const seen = await first(changes, KEPT_CHANGES + 3);
      stopping.abort();

      const revisions = seen.map(revisionOf);
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      expect(seen.map((change) => (change.kind === "put" ? `${change.entry.key} ${change.entry.value}` : `-${change.key}`))).toEqual([
        "a 1",
        "-a",
        ...Array.from({ length: KEPT_CHANGES }, (_, n) => `b ${n}`),
        "c later",
      ]);
    });

    test("a place is known to every bus: what came since is told, and nothing again", async () => {
      await using world = await under.openWorld();
      const name = freshName();
      const place = await fill(await world.open(), name, 3);

      await using bus = await world.open();
      await bus.buckets.bucket(name).put("since", 1);

      const [change] = await first(bus.buckets.bucket(name).watch(new AbortController().signal, place), 1);
      expect(change).toMatchObject({ entry: { key: "since" }, epoch: place.epoch });
    });

    test.each([2, 3, 5])(
      "of a bucket that was made anew all is told to who knew 3 changes of the old one, also when it has %i",
      async (count) => {
        await using world = await under.openWorld();
        const name = freshName();
        const lost = await fill(await world.open(), name, 3);
        await world.loseBucket(name);
        await using bus = await world.open();
        const bucket = bus.buckets.bucket(name);
        const keys = Array.from({ length: count }, (_, n) => `new${n}`);
        for (const key of keys.slice(0, -1)) await bucket.put(key, 1);

        const changes = bucket.watch(new AbortController().signal, lost);
        await bucket.put(keys.at(-1) ?? "", 1);
        const seen = await first(changes, count);

        expect(seen.map(keyOf)).toEqual(keys);
        expect(new Set(seen.map(({ epoch }) => epoch)).size).toBe(1);
        expect(seen[0]?.epoch).not.toBe(lost.epoch);
      },
    );

    if (under.features.shared)
      test("a watch goes on in the bucket that was made anew under it, from its beginning", async () => {
        await using world = await under.openWorld();
        await using watching = await world.open();
        await using writing = await world.open();
        const name = freshName();
        const seen: string[] = [];
        const stop = new AbortController();
        const changes = watching.buckets.bucket(name).watch(stop.signal);
        const reading = (async () => {
          for await (const change of changes) seen.push(keyOf(change));
        })();
        for (const key of ["a", "b", "c"]) await watching.buckets.bucket(name).put(key, 1);
        await eventually(() => seen.length === 3, "the old one's are told");

        await world.loseBucket(name);
        for (const key of ["d", "e", "f", "g"]) await writing.buckets.bucket(name).put(key, 1);
        await eventually(() => seen.length >= 7, "the new one's are told");
        stop.abort();
        await reading;

        expect(seen).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
      });

    test("what a key had before a change is known", async () => {
      await using place = await openBus(under);
      const bucket = place.bus.buckets.bucket(freshName());
      await bucket.put("other", "x");
      const first = await bucket.put("key", { n: 1 });
      await bucket.put("other", "y");
      const second = await bucket.put("key", { n: 2 });
      await bucket.delete("key");
      const third = await bucket.put("key", 3);

      expect(await bucket.before("key", first)).toBeUndefined();
      expect(await bucket.before("key", second)).toMatchObject({ key: "key", value: { n: 1 }, revision: first });
      expect(await bucket.before("key", second + 1)).toMatchObject({ value: { n: 2 }, revision: second });
      expect(await bucket.before("key", third)).toBeUndefined();
    });

    test("buckets are found by how their names begin, once they are used", async () => {
      await using place = await openBus(under);
      const name = freshName();
      const bucket = place.bus.buckets.bucket(name);
      await bucket.put("key", 1);

      expect(await place.bus.buckets.names(name.slice(0, -1))).toEqual([name]);
      expect(await place.bus.buckets.names("context-")).toContain(name);
      expect(await place.bus.buckets.names(`${name}x`)).toEqual([]);
    });

    test("a bucket outlives the bus that made it", async () => {
      await using world = await under.openWorld();
      const name = freshName();
      await using writing = await world.open();
      const revision = await writing.buckets.bucket(name).put("key", "kept");
      await writing[Symbol.asyncDispose]();

      await using reading = await world.open();
      const bucket = reading.buckets.bucket(name);

      expect(await bucket.get("key")).toMatchObject({ value: "kept", revision });
      expect(await bucket.put("key", "new")).toBeGreaterThan(revision);
    });
  });
}

async function increment(bucket: Bucket, key: string, revisions: number[]): Promise<void> {
  for (;;) {
    const entry = await bucket.get(key);
    const revision = await bucket.putIf(key, Number(entry?.value ?? 0) + 1, entry?.revision ?? 0);
    if (revision === undefined) continue;
    revisions.push(revision);
    return;
  }
}

/** Puts as many keys and gives the place behind them, as a watch tells it; ends the bus. */
async function fill(opened: Bus, name: string, count: number): Promise<BucketPlace> {
  await using bus = opened;
  const bucket = bus.buckets.bucket(name);
  const watching = first(bucket.watch(new AbortController().signal), count);
  for (let n = 0; n < count; n++) await bucket.put(`old${n}`, n);
  const last = (await watching).at(-1) as BucketChange;
  return { epoch: last.epoch, revision: revisionOf(last) };
}

function revisionOf(change: BucketChange): number {
  return change.kind === "put" ? change.entry.revision : change.revision;
}

function keyOf(change: BucketChange): string {
  return change.kind === "put" ? change.entry.key : change.key;
}

async function eventuallyStored(bucket: Bucket): Promise<void> {
  while ((await bucket.get("key")) === undefined) await quietFor(5);
}
