import { describe, expect, test } from "vitest";
import { TOLD_FORM } from "../context/told.ts";
import { isLogLost, placeAt } from "../log-loss.ts";
import { anEvent, appendMany } from "../test-rig/events.ts";
import { FaultyLog } from "../test-rig/faulty-log.ts";
import { openMemoryGround } from "../test-rig/relay.ts";
import { LogPosition } from "./log-position.ts";
import { LOG_START, openForm, type PositionForm, takenForm } from "./position-form.ts";

const never = new AbortController().signal;
const at = (position: number) => ({ position, digest: "AAAAAAAA" });

test("a position is everybody's: a slow one does not set it back, and each purpose has its own", async () => {
  await using ground = openMemoryGround();
  const { settings } = ground.store;
  const [fast, slow, other] = [
    new LogPosition({ settings, form: openForm("a") }),
    new LogPosition({ settings, form: openForm("a") }),
    new LogPosition({ settings, form: openForm("b") }),
  ];
  expect([(await fast.read()).value, (await slow.read()).value]).toEqual([LOG_START, LOG_START]);

  expect(await fast.moveTo(at(7))).toBe(true);
  expect(await slow.moveTo(at(3))).toBe(false);
  expect((await slow.read()).value).toEqual(at(7));
  expect(await slow.moveTo(at(9))).toBe(true);

  expect([(await fast.read()).value, (await other.read()).value]).toEqual([at(9), LOG_START]);
});

test("it outlives the process that moved it", async () => {
  await using ground = openMemoryGround();
  const options = { settings: ground.store.settings, form: takenForm("a") };
  const first = new LogPosition(options);
  await first.read();
  await first.moveTo(at(5), "first");

  expect(await new LogPosition(options).read()).toEqual({ value: at(5), by: "first" });
});

test("what stands there already is not written again", async () => {
  await using ground = openMemoryGround();
  const { settings } = ground.store;
  let writes = 0;
  const counted: typeof settings = {
    get: (key) => settings.get(key),
    replace(...args) {
      writes++;
      return settings.replace(...args);
    },
  };
  const position = new LogPosition({ settings: counted, form: takenForm("a") });
  await position.read();

  expect([await position.moveTo(at(5), "me"), await position.moveTo(at(5), "me"), await position.moveTo(at(5))]).toEqual([
    true,
    true,
    true,
  ]);

  expect(writes).toBe(2);
});

test("how long it has stood still is told from when this process saw it first, or saw it move", async () => {
  await using ground = openMemoryGround();
  const options = { settings: ground.store.settings, form: openForm("a") };
  const [mover, watcher] = [new LogPosition(options), new LogPosition(options)];
  await mover.read();
  await mover.moveTo(at(1));
  expect(watcher.stillMs).toBe(0);
  await watcher.read();
  await expect.poll(() => watcher.stillMs, { interval: 1 }).toBeGreaterThan(5);
  const still = watcher.stillMs;
  await watcher.read();
  expect(watcher.stillMs).toBeGreaterThanOrEqual(still);

  await mover.moveTo(at(2));
  const before = performance.now();
  await watcher.read();

  expect(watcher.stillMs).toBeLessThanOrEqual(performance.now() - before);
});

test("a log that is another one is told by its end, and by what lies at the position", async () => {
  await using ground = openMemoryGround();
  const log = new FaultyLog(ground.bus.log);
  const position = new LogPosition({ settings: ground.store.settings, form: openForm("a") });
  const isLost = async () => isLogLost(log, (await position.read()).value, never);
  await appendMany(log, 5);
  await position.read();
  await position.moveTo(await placeAt(log, 5));
  expect(await isLost()).toBe(false);

  await using other = openMemoryGround();
  await log.exchange(other.bus.log);
  expect(await isLost()).toBe(true);
  await appendMany(log, 9);
  expect(await isLost()).toBe(true);

  await position.moveTo(LOG_START);
  await log.append(anEvent());
  expect(await isLost()).toBe(false);
});

describe("what stands in the store is read by relays of other versions, and never changes", () => {
  const place = { position: 15, digest: "WNSE-xuz" };
  const told = { ...place, buckets: { "context-leads": { revision: 7 } } };
  const toldOfThat = { ...place, buckets: { "context-a": { revision: 2 }, "context-b": { epoch: "3f2a9c01b7de", revision: 7 } } };
  type Row = readonly [text: string, form: PositionForm<typeof place>, value: typeof place, by: string | undefined];

  test.each<Row>([
    ["15.WNSE-xuz", openForm("a"), place, undefined],
    ["15.WNSE-xuz reactor-1", takenForm("a"), place, "reactor-1"],
    ["15.WNSE-xuz -", takenForm("a"), place, undefined],
    ["0.- -", takenForm("a"), LOG_START, undefined],
    ['{"by":"context-1","beat":3,"log":15,"digest":"WNSE-xuz","buckets":{"context-leads":7}}', TOLD_FORM as never, told, "context-1"],
    ['{"by":null,"beat":3,"log":15,"digest":"WNSE-xuz","buckets":{"context-leads":7}}', TOLD_FORM as never, told, undefined],
    [
      '{"by":null,"beat":3,"log":15,"digest":"WNSE-xuz","buckets":{"context-a":2,"context-b":7},"epochs":{"context-b":"3f2a9c01b7de"}}',
      TOLD_FORM as never,
      toldOfThat,
      undefined,
    ],
  ])("%s", (text, form, value, by) => {
    expect(form.parse(text)).toEqual({ value, by });
    expect(form.format({ value, by }, 3)).toBe(text);
  });

  test("a mark of context without a digest is an older relay's", () => {
    expect(TOLD_FORM.parse('{"by":null,"beat":0,"log":15,"buckets":{}}')?.value).toEqual({ position: 15, digest: "-", buckets: {} });
  });

  test.each(["", "x", "15", "15.WNSE-xuz  ", "-1.-", "1e3.-", "null", "[]", '{"log":"15","buckets":{}}', '{"log":1}'])(
    "%j is none: the work begins at the beginning, and what is written next goes over it",
    async (text) => {
      await using ground = openMemoryGround();
      const { settings } = ground.store;
      for (const form of [openForm("a"), takenForm("b"), TOLD_FORM as never]) {
        await settings.replace((form as PositionForm<typeof place>).key, undefined, text);
        const position = new LogPosition<typeof place>({ settings, form });

        expect(await position.read()).toMatchObject({ value: LOG_START, by: undefined });
        expect(await position.moveTo(told)).toBe(true);
        expect((await position.read()).value).toMatchObject(place);
      }
    },
  );
});
