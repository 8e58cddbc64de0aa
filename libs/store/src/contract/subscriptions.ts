import { describe, expect, test } from "vitest";
import type { StoreContract } from "./under-test.ts";
import { aNewDelivery, aNewSubscription, aSubscription } from "./webhook-examples.ts";

const DAY_MS = 86_400_000;

export function subscriptionsContract({ name, open }: StoreContract): void {
  describe(`${name} keeps subscriptions`, () => {
    test("as they were made, oldest first", async () => {
      await using under = await open();
      const { subscriptions } = under.store;
      const [first, second] = [aNewSubscription(), aNewSubscription({ operators: ["sales"], description: null, ordered: true })];
      await subscriptions.add(first, 10);
      await under.advance(5);
      await subscriptions.add(second, 10);

      const made = { status: "enabled", reason: null, previousSecret: null, replay: null };
      expect(await subscriptions.list()).toMatchObject([
        { ...first, ...made },
        { ...second, ...made },
      ]);
      expect(await subscriptions.find(second.subscriptionId)).toMatchObject(second);
      expect(await subscriptions.find("sub_none")).toBeUndefined();
    });

    test("up to a number", async () => {
      await using under = await open();
      const { subscriptions } = under.store;
      await subscriptions.add(aNewSubscription(), 1);

      expect(await subscriptions.add(aNewSubscription(), 1)).toBe(false);
      expect(await subscriptions.list()).toHaveLength(1);
    });

    test("a change changes what it names", async () => {
      await using under = await open();
      const { subscriptions } = under.store;
      const id = await aSubscription(under.store);

      expect(await subscriptions.change(id, { status: "paused" })).toMatchObject({ status: "paused", types: ["run.*", "lead.qualified"] });
      const url = "https://other.example.com";
      expect(await subscriptions.change(id, { url, types: ["*"], description: "new" })).toMatchObject({
        ...{ status: "paused", url, types: ["*"], description: "new", secret: "whsec_first" },
      });
      expect(await subscriptions.change("sub_none", { status: "paused" })).toBeUndefined();
    });

    test("one is disabled once, with the reason, until it is enabled", async () => {
      await using under = await open();
      const { subscriptions } = under.store;
      const id = await aSubscription(under.store);

      const answers = await Promise.all([
        subscriptions.disable(id, "410"),
        subscriptions.disable(id, "410"),
        subscriptions.disable(id, "410"),
      ]);

      expect(answers.filter((did) => did)).toHaveLength(1);
      expect(await subscriptions.find(id)).toMatchObject({ status: "disabled", reason: "410" });
      expect(await subscriptions.change(id, { status: "enabled" })).toMatchObject({ status: "enabled", reason: null });
    });

    test("a secret that was exchanged signs as well, for a while", async () => {
      await using under = await open();
      const { subscriptions } = under.store;
      const id = await aSubscription(under.store);

      expect(await subscriptions.rotate(id, "whsec_second", DAY_MS)).toMatchObject({
        secret: "whsec_second",
        previousSecret: "whsec_first",
      });
      await under.advance(DAY_MS - 60_000);
      expect(await subscriptions.find(id)).toMatchObject({ previousSecret: "whsec_first" });
      await under.advance(120_000);
      expect(await subscriptions.find(id)).toMatchObject({ secret: "whsec_second", previousSecret: null });
      expect(await subscriptions.rotate("sub_none", "whsec_x", 1)).toBeUndefined();
    });

    test("a replay is moved along by one, up to its end, unless another is asked for", async () => {
      await using under = await open();
      const { subscriptions } = under.store;
      const id = await aSubscription(under.store);
      const asked = { from: 1_000, to: 2_000, after: 0 };

      expect(await subscriptions.replay(id, asked)).toMatchObject({ replay: asked });
      const moved = await Promise.all([subscriptions.moveReplay(id, asked, 500), subscriptions.moveReplay(id, asked, 500)]);
      expect(moved.filter((did) => did)).toHaveLength(1);
      expect(await subscriptions.find(id)).toMatchObject({ replay: { ...asked, after: 500 } });
      await subscriptions.replay(id, { from: 1_500, to: 2_000 });
      expect(await subscriptions.moveReplay(id, { ...asked, after: 500 }, null)).toBe(false);
      expect(await subscriptions.moveReplay(id, { from: 1_500, to: 2_000, after: 0 }, null)).toBe(true);
      expect(await subscriptions.find(id)).toMatchObject({ replay: null });
      expect(await subscriptions.replay("sub_none", asked)).toBeUndefined();
    });

    test("one that is removed is gone with what it had; the others stay", async () => {
      await using under = await open();
      const { subscriptions, deliveries } = under.store;
      const [gone, kept] = [await aSubscription(under.store), await aSubscription(under.store)];
      const [one, other] = [aNewDelivery(gone), aNewDelivery(kept)];
      await deliveries.add([one, other]);

      expect(await subscriptions.remove(gone)).toBe(true);
      expect(await subscriptions.remove(gone)).toBe(false);

      expect((await subscriptions.list()).map(({ subscriptionId }) => subscriptionId)).toEqual([kept]);
      expect(await deliveries.find(gone, one.deliveryId)).toBeUndefined();
      expect(await deliveries.find(kept, other.deliveryId)).toMatchObject(other);
    });

    test("with another event log their positions begin anew", async () => {
      await using under = await open();
      await aSubscription(under.store);
      await under.store.subscriptions.beginAgain();

      expect(await under.store.subscriptions.list()).toMatchObject([{ fromPosition: 0 }]);
    });
  });
}
