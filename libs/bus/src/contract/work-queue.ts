import { WakeKind } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aWakeUp, eventually, freshOperatorId, Hands, quietFor, runIds, thrownBy, wakeUps } from "./support.ts";
import { type BusUnderTest, openBus } from "./world.ts";

export function workQueueContract(under: BusUnderTest): void {
  describe(`${under.name} keeps the promises of WorkQueue`, () => {
    test("a wake-up reaches a taker as it was published", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp({ kind: WakeKind.Timer, wake: 7 });

      expect(await place.bus.queue.publish(wakeUp)).toBe("stored");
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);

      expect((await hands.at(0)).wakeUp).toEqual(wakeUp);
    });

    test("a taker that waits gets a wake-up published later", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp();
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);

      await place.bus.queue.publish(wakeUp);

      expect((await hands.at(0)).wakeUp).toEqual(wakeUp);
    });

    test("the same wake-up is stored once while it lies there, also when it is held", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp();
      const answers = await Promise.all([1, 2, 3].map(() => place.bus.queue.publish(wakeUp)));
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
      await hands.at(0);

      expect(answers.toSorted()).toEqual(["already_there", "already_there", "stored"]);
      expect(await place.bus.queue.publish(wakeUp)).toBe("already_there");
    });

    test("operator, kind, run and number each make another wake-up", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp({ kind: WakeKind.Resume, wake: 1 });
      const others = [
        aWakeUp({ ...wakeUp, wake: 2 }),
        aWakeUp({ ...wakeUp, kind: WakeKind.Timer }),
        aWakeUp({ ...wakeUp, runId: aWakeUp().runId }),
        aWakeUp({ ...wakeUp, operatorId: freshOperatorId() }),
      ];
      await place.bus.queue.publish(wakeUp);

      expect(await Promise.all(others.map((other) => place.bus.queue.publish(other)))).toEqual(others.map(() => "stored"));
    });

    test("a wake-up can be published again at once when the first was done", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
      hands.done(await hands.at(0));

      // The broker learns of it in its own time; what it must not do is swallow the repeat as one it has seen.
      let answer = await place.bus.queue.publish(wakeUp);
      for (let i = 0; answer === "already_there" && i < 200; i++) answer = await place.bus.queue.publish(wakeUp);

      expect(answer).toBe("stored");
      expect((await hands.at(1)).wakeUp).toEqual(wakeUp);
    });

    test("a wake-up that is done is not delivered again", async () => {
      await using place = await openBus(under, { holdMs: 150 });
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);

      hands.done(await hands.at(0));
      await quietFor(700);

      expect(hands.taken).toHaveLength(1);
    });

    test("a wake-up that its taker drops is delivered again after holdMs, not before", async () => {
      await using place = await openBus(under, { holdMs: 300 });
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
      await hands.at(0);
      const heldAt = Date.now();

      const again = await hands.at(1);

      expect(again.wakeUp).toEqual(wakeUp);
      expect(Date.now() - heldAt).toBeGreaterThanOrEqual(250);
    });

    test("extending keeps it for as long as it is extended", async () => {
      await using place = await openBus(under, { holdMs: 400 });
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
      const delivery = await hands.at(0);

      for (let i = 0; i < 12; i++) {
        await quietFor(100);
        delivery.extend();
      }
      const whileExtended = hands.taken.length;
      await hands.at(1);

      expect(whileExtended).toBe(1);
    });

    test("what is released is delivered again after its delay", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);

      (await hands.at(0)).release(0);
      (await hands.at(1)).release(400);
      const releasedAt = Date.now();
      await hands.at(2);

      expect(Date.now() - releasedAt).toBeGreaterThanOrEqual(350);
    });

    test("settling twice changes nothing", async () => {
      await using place = await openBus(under, { holdMs: 200 });
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
      const delivery = await hands.at(0);

      delivery.done();
      delivery.release(0);
      delivery.extend();
      delivery.done();
      await quietFor(500);

      expect(hands.taken).toHaveLength(1);
    });

    test("several takers share the wake-ups, each goes to one of them", async () => {
      await using place = await openBus(under);
      const published = wakeUps(60);
      const operatorId = published[0]?.operatorId ?? "";
      await using one = new Hands(place.bus.queue, operatorId, 3);
      await using two = new Hands(place.bus.queue, operatorId, 3);
      await Promise.all(published.map((wakeUp) => place.bus.queue.publish(wakeUp)));

      let settled = 0;
      while (settled < published.length) {
        for (const hands of [one, two]) {
          await eventually(() => hands.held > 0 || one.taken.length + two.taken.length === published.length, "a taker gets its share");
          for (const delivery of hands.taken.slice(hands.taken.length - hands.held)) {
            hands.done(delivery);
            settled++;
          }
        }
      }

      expect(runIds([...one.taken, ...two.taken])).toEqual(runIds(published.map((wakeUp) => ({ wakeUp }))));
      expect(one.taken.length).toBeGreaterThan(0);
      expect(two.taken.length).toBeGreaterThan(0);
    });

    test("a taker never holds more than it has slots for, and takes the next when one is free", async () => {
      await using place = await openBus(under);
      const published = wakeUps(10);
      await Promise.all(published.map((wakeUp) => place.bus.queue.publish(wakeUp)));
      await using hands = new Hands(place.bus.queue, published[0]?.operatorId ?? "", 2);
      await hands.waitFor(2);
      await quietFor(100);
      const before = hands.taken.length;

      for (let index = 0; index < published.length; index++) hands.done(await hands.at(index));

      expect(before).toBe(2);
      expect(hands.peak).toBe(2);
      expect(runIds(hands.taken)).toEqual(runIds(published.map((wakeUp) => ({ wakeUp }))));
    });

    test("aborting ends the take at once; what was not yielded is there for the next taker without waiting for holdMs", async () => {
      await using place = await openBus(under, { holdMs: 30_000 });
      const published = wakeUps(100);
      const operatorId = published[0]?.operatorId ?? "";
      const leaving = new Hands(place.bus.queue, operatorId, 100);

      const publishing = Promise.all(published.map((wakeUp) => place.bus.queue.publish(wakeUp)));
      await leaving.at(0);
      await Promise.all([leaving.stop(), publishing]);
      await using next = new Hands(place.bus.queue, operatorId, 100);
      await next.waitFor(published.length - leaving.taken.length);
      await quietFor(50);

      // What was yielded stays the caller's to settle.
      expect(runIds([...leaving.taken, ...next.taken])).toEqual(runIds(published.map((wakeUp) => ({ wakeUp }))));
    });

    test("a taker that stops at the first of many leaves all others to the next at once", async () => {
      await using place = await openBus(under, { holdMs: 30_000 });
      const published = wakeUps(250);
      const operatorId = published[0]?.operatorId ?? "";
      await Promise.all(published.map((wakeUp) => place.bus.queue.publish(wakeUp)));
      const stop = new AbortController();

      let taken = 0;
      for await (const delivery of place.bus.queue.take(operatorId, { free: 250, whenFree: async () => {} }, stop.signal)) {
        delivery.done();
        taken++;
        stop.abort();
      }
      await using next = new Hands(place.bus.queue, operatorId, 250);

      expect(taken).toBe(1);
      expect(await next.waitFor(249)).toHaveLength(249);
    });

    test("slots that something else filled meanwhile are respected", async () => {
      await using place = await openBus(under);
      const published = wakeUps(3);
      const operatorId = published[0]?.operatorId ?? "";
      let free = 3;
      const freed = Promise.withResolvers<void>();
      const slots = {
        get free() {
          return free;
        },
        whenFree: () => freed.promise,
      };
      const stop = new AbortController();
      const taken: string[] = [];
      const taking = (async () => {
        for await (const delivery of place.bus.queue.take(operatorId, slots, stop.signal)) {
          taken.push(delivery.wakeUp.runId);
          delivery.done();
        }
      })();
      await place.bus.prepareOperator(operatorId);
      await quietFor(100); // the taker has asked for three

      free = 0;
      for (const wakeUp of published) await place.bus.queue.publish(wakeUp);
      await quietFor(100);
      const whileFull = taken.length;
      free = 3;
      freed.resolve();
      await eventually(() => taken.length === 3, "the free slots are filled");
      stop.abort();
      await taking;

      expect(whileFull).toBe(0);
    });

    test("a take whose signal is aborted already ends without taking", async () => {
      await using place = await openBus(under);
      const wakeUp = aWakeUp();
      await place.bus.queue.publish(wakeUp);
      const slots = { free: 1, whenFree: async () => {} };

      const taken = await Array.fromAsync(place.bus.queue.take(wakeUp.operatorId, slots, AbortSignal.abort()));

      expect(taken).toEqual([]);
    });

    test("leaving the loop ends the take like an abort", async () => {
      await using place = await openBus(under, { holdMs: 20_000 });
      const published = wakeUps(5);
      const operatorId = published[0]?.operatorId ?? "";
      for (const wakeUp of published) await place.bus.queue.publish(wakeUp);
      const slots = { free: 5, whenFree: async () => {} };

      for await (const delivery of place.bus.queue.take(operatorId, slots, new AbortController().signal)) {
        delivery.done();
        break;
      }
      await using next = new Hands(place.bus.queue, operatorId);

      expect(await next.waitFor(4)).toHaveLength(4);
    });

    test("a taker sees nothing of other operators", async () => {
      await using place = await openBus(under);
      const [mine, other] = [aWakeUp(), aWakeUp()];
      await using hands = new Hands(place.bus.queue, mine.operatorId);

      await place.bus.queue.publish(other);
      await place.bus.queue.publish(mine);
      await hands.at(0);
      await quietFor(50);

      expect(hands.taken.map(({ wakeUp }) => wakeUp)).toEqual([mine]);
    });

    test("a bus that was disposed takes nothing more, and says so", async () => {
      await using place = await openBus(under);
      const hands = new Hands(place.bus.queue, freshOperatorId());

      await place.bus[Symbol.asyncDispose]();
      await hands.ended;

      expect(await thrownBy(() => place.bus.queue.publish(aWakeUp()))).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
    });

    if (under.features.shared) {
      test("a wake-up outlives the bus that published it", async () => {
        await using world = await under.openWorld();
        const wakeUp = aWakeUp();
        await using publisher = await world.open();
        await publisher.queue.publish(wakeUp);
        await publisher[Symbol.asyncDispose]();

        await using taker = await world.open();
        await using hands = new Hands(taker.queue, wakeUp.operatorId);

        expect((await hands.at(0)).wakeUp).toEqual(wakeUp);
      });

      test("what a process held when it ended is delivered to another after holdMs", async () => {
        await using world = await under.openWorld();
        const wakeUp = aWakeUp();
        const [ending, staying] = await Promise.all([world.open({ holdMs: 500 }), world.open({ holdMs: 500 })]);
        await using _staying = staying;
        await ending.queue.publish(wakeUp);
        const held = new Hands(ending.queue, wakeUp.operatorId);
        await held.at(0);

        await ending[Symbol.asyncDispose]();
        await using hands = new Hands(staying.queue, wakeUp.operatorId);

        expect((await hands.at(0)).wakeUp).toEqual(wakeUp);
      });

      test("takers of several processes share the wake-ups", async () => {
        await using world = await under.openWorld();
        await using one = await world.open();
        await using two = await world.open();
        const published = wakeUps(40);
        const operatorId = published[0]?.operatorId ?? "";
        await using first = new Hands(one.queue, operatorId, 30);
        await using second = new Hands(two.queue, operatorId, 30);

        await Promise.all(published.map((wakeUp) => one.queue.publish(wakeUp)));
        await eventually(() => first.taken.length + second.taken.length >= published.length, "all taken");
        await quietFor(50);

        expect(runIds([...first.taken, ...second.taken])).toEqual(runIds(published.map((wakeUp) => ({ wakeUp }))));
      });
    }
  });
}
