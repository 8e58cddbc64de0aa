import { describe, expect, test } from "vitest";
import type { Delivery } from "../deliveries.ts";
import type { Store } from "../store.ts";
import type { StoreContract } from "./under-test.ts";
import { aNewDelivery, anAttempt, aSubscription } from "./webhook-examples.ts";

const DAY_MS = 86_400_000;
const LEASE_MS = 30_000;

const takeSome = (store: Store, subscriptionId: string, given: { limit?: number; ordered?: boolean } = {}) =>
  store.deliveries.take({ subscriptionId, limit: 10, leaseMs: LEASE_MS, ordered: false, ...given });
const eventsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ eventId }) => eventId).toSorted();

export function deliveriesContract({ name, open, openSecond, features }: StoreContract): void {
  describe(`${name} keeps deliveries`, () => {
    test("one for each event and subscription, however often it is added, with its body as it was", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const [one, two] = [await aSubscription(under.store), await aSubscription(under.store)];
      const delivery = aNewDelivery(one, { eventId: "run_a:3", runId: "run_a", sequence: 3 });

      expect(await deliveries.add([delivery, aNewDelivery(two, { eventId: "run_a:3" })])).toBe(2);
      expect(await deliveries.add([aNewDelivery(one, { eventId: "run_a:3" }), aNewDelivery(one, { eventId: "run_a:4" })])).toBe(1);

      expect(await deliveries.find(one, delivery.deliveryId)).toMatchObject({
        ...delivery,
        ...{ status: "pending", attempts: 0, tries: 0, lastStatus: null, lastError: null, endedAt: null },
      });
      expect(await deliveries.find(two, delivery.deliveryId)).toBeUndefined();
      expect(await deliveries.list({ subscriptionId: one }, { limit: 10 })).toHaveLength(2);
    });

    test("many at once, large ones too", async () => {
      await using under = await open();
      const id = await aSubscription(under.store);
      const many = Array.from({ length: 450 }, (_, n) => aNewDelivery(id, n % 50 === 0 ? { body: `"${"é".repeat(300_000)}"` } : {}));

      expect(await under.store.deliveries.add(many)).toBe(450);
      expect(await under.store.deliveries.add(many)).toBe(0);
    });

    test("none for a subscription that is disabled or gone; those of a paused one wait", async () => {
      await using under = await open();
      const { deliveries, subscriptions } = under.store;
      const [disabled, paused] = [await aSubscription(under.store), await aSubscription(under.store)];
      await subscriptions.disable(disabled, "410");
      await subscriptions.change(paused, { status: "paused" });

      expect(await deliveries.add([aNewDelivery(disabled), aNewDelivery("sub_gone"), aNewDelivery(paused)])).toBe(1);
      expect(await deliveries.findDue()).toEqual([]);
      await subscriptions.change(paused, { status: "enabled" });
      expect(await deliveries.findDue()).toEqual([paused]);
    });

    test("one that is taken is due again when its time is over, and the late word about it counts no more", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store);
      await deliveries.add([aNewDelivery(id)]);

      const [late] = await takeSome(under.store, id);
      expect(late).toMatchObject({ attempts: 1, tries: 1 });
      expect([await takeSome(under.store, id), await deliveries.findDue()]).toEqual([[], []]);
      await under.advance(LEASE_MS + 1);
      const [again] = await takeSome(under.store, id);

      expect(again).toMatchObject({ attempts: 2, tries: 2, deliveryId: late?.deliveryId });
      expect(await deliveries.end(anAttempt(late as Delivery), { did: "delivered" })).toBe(false);
      expect(await deliveries.end(anAttempt(again as Delivery, { statusCode: 204, error: null }), { did: "delivered" })).toBe(true);
      expect(await deliveries.find(id, (again as Delivery).deliveryId)).toMatchObject({
        status: "delivered",
        nextAt: null,
        lastStatus: 204,
      });
      await under.advance(DAY_MS);
      expect(await takeSome(under.store, id)).toEqual([]);
    });

    test("one that failed is due again after its pause, not before", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store);
      await deliveries.add([aNewDelivery(id)]);
      const [taken] = await takeSome(under.store, id);

      await deliveries.end(anAttempt(taken as Delivery), { did: "again", afterMs: 20 * 3_600_000 });
      expect(await deliveries.find(id, (taken as Delivery).deliveryId)).toMatchObject({
        ...{ status: "pending", lastStatus: 500, lastError: "http_500", endedAt: null },
      });
      await under.advance(20 * 3_600_000 - 60_000);
      expect(await takeSome(under.store, id)).toEqual([]);
      await under.advance(120_000);

      expect(await takeSome(under.store, id)).toMatchObject([{ attempts: 2 }]);
    });

    test("a dead letter is found by its status, and begins anew when it is sent again", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store);
      await deliveries.add([aNewDelivery(id), aNewDelivery(id)]);
      const [taken] = await takeSome(under.store, id, { limit: 1 });
      const { deliveryId } = taken as Delivery;
      await deliveries.end(anAttempt(taken as Delivery), { did: "dead_lettered" });

      expect(await deliveries.list({ subscriptionId: id, status: "dead_lettered" }, { limit: 5 })).toMatchObject([{ deliveryId }]);
      expect(await deliveries.resend(id, deliveryId)).toMatchObject({ status: "pending", attempts: 1, tries: 0, endedAt: null });
      expect(await deliveries.resend("sub_other", deliveryId)).toBeUndefined();
      expect((await takeSome(under.store, id)).map((each) => each.deliveryId)).toContain(deliveryId);
    });

    test("added again, what has ended begins anew and what has not goes on", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store);
      const [ended, waiting] = [aNewDelivery(id), aNewDelivery(id)];
      await deliveries.add([ended]);
      const [taken] = await takeSome(under.store, id);
      await deliveries.end(anAttempt(taken as Delivery), { did: "delivered" });
      await deliveries.add([waiting]);
      const fresh = { ...ended, deliveryId: "dlv_fresh" };

      expect(await deliveries.add([fresh, waiting, aNewDelivery(id)], { again: true })).toBe(2);
      expect(await deliveries.find(id, ended.deliveryId)).toMatchObject({ status: "pending", tries: 0, attempts: 1 });
      expect(await deliveries.find(id, "dlv_fresh")).toBeUndefined();
    });

    test("in order: of each run the first one that has not ended, of no run all", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store, { ordered: true });
      const ofRun = (runId: string, sequence: number) => aNewDelivery(id, { runId, sequence, eventId: `${runId}:${sequence}` });
      await deliveries.add([ofRun("run_a", 0), ofRun("run_a", 2), ofRun("run_b", 1), ofRun("run_b", 12)]);
      await deliveries.add(["x", "y"].map((eventId) => aNewDelivery(id, { eventId })));
      const next = () => takeSome(under.store, id, { ordered: true });

      const first = await next();
      expect(eventsOf(first)).toEqual(["run_a:0", "run_b:1", "x", "y"]);
      expect(await next()).toEqual([]);
      const [a, b] = ["run_a:0", "run_b:1"].map((eventId) => first.find((each) => each.eventId === eventId) as Delivery);
      await deliveries.end(anAttempt(a as Delivery), { did: "again", afterMs: 60_000 });
      await deliveries.end(anAttempt(b as Delivery), { did: "dead_lettered" });

      expect(eventsOf(await next())).toEqual(["run_b:12"]);
    });

    test("each goes to one of many takers", async () => {
      await using under = await open();
      const id = await aSubscription(under.store);
      await under.store.deliveries.add(Array.from({ length: 30 }, () => aNewDelivery(id)));

      const taken = (await Promise.all(Array.from({ length: 8 }, () => takeSome(under.store, id, { limit: 5 })))).flat();
      const rest = await takeSome(under.store, id, { limit: 30 });

      expect(new Set(eventsOf([...taken, ...rest])).size).toBe(30);
      expect(taken.length + rest.length).toBe(30);
    });

    test("pages, newest first, of deliveries and of attempts", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store);
      for (let n = 0; n < 5; n++) {
        await deliveries.add([aNewDelivery(id, { eventId: `event_${n}` })]);
        await under.advance(3);
      }
      const page = await deliveries.list({ subscriptionId: id }, { limit: 3 });
      const last = page.at(-1) as Delivery;
      const rest = await deliveries.list({ subscriptionId: id }, { limit: 3, before: { at: last.createdAt, id: last.deliveryId } });

      expect([...page, ...rest].map(({ eventId }) => eventId)).toEqual(["event_4", "event_3", "event_2", "event_1", "event_0"]);

      const [taken] = await takeSome(under.store, id, { limit: 1 });
      const first = anAttempt(taken as Delivery, { startedAt: 1_000 });
      const second = anAttempt(
        { ...(taken as Delivery), attempts: 2 },
        { startedAt: 2_000, statusCode: null, error: "timeout", detail: "15 s", response: null },
      );
      await deliveries.end(first, { did: "again", afterMs: 0 });
      await deliveries.end(second, { did: "again", afterMs: 0 });
      const of = { subscriptionId: id, deliveryId: (taken as Delivery).deliveryId };

      expect(await deliveries.listAttempts(of, { limit: 5 })).toEqual([second, first]);
      expect(await deliveries.listAttempts({ subscriptionId: id }, { limit: 5, before: { at: 2_000, id: second.attemptId } })).toEqual([
        first,
      ]);
      expect(await deliveries.listAttempts({ ...of, deliveryId: "dlv_other" }, { limit: 5 })).toEqual([]);
    });

    test("what was delivered for 8 days, a dead letter for 30, what is pending for as long as it takes", async () => {
      await using under = await open();
      const { deliveries } = under.store;
      const id = await aSubscription(under.store);
      await deliveries.add(["delivered", "dead_lettered", "pending"].map((eventId) => aNewDelivery(id, { eventId })));
      for (const taken of await takeSome(under.store, id))
        if (taken.eventId !== "pending") await deliveries.end(anAttempt(taken), { did: taken.eventId as "delivered" });
      const kept = async () => {
        await deliveries.purge(10);
        return eventsOf(await deliveries.list({ subscriptionId: id }, { limit: 10 }));
      };

      await under.advance(8 * DAY_MS - 60_000);
      expect(await kept()).toEqual(["dead_lettered", "delivered", "pending"]);
      await under.advance(120_000);
      expect(await kept()).toEqual(["dead_lettered", "pending"]);
      await under.advance(22 * DAY_MS);
      expect(await kept()).toEqual(["pending"]);
      expect(await deliveries.listAttempts({ subscriptionId: id }, { limit: 5 })).toEqual([]);
    });

    if (features.durable && openSecond !== undefined)
      test("that outlive the process", async () => {
        const under = await open();
        const id = await aSubscription(under.store);
        await under.store.deliveries.add([aNewDelivery(id)]);
        if (!features.shared) await under[Symbol.asyncDispose]();
        await using second = await openSecond(under);

        expect(await second.store.deliveries.findDue()).toEqual([id]);
        if (features.shared) await under[Symbol.asyncDispose]();
      });
  });
}
