import { describe, expect, test } from "vitest";
import type { StoreContract } from "./under-test.ts";

export function settingsContract({ name, open }: StoreContract): void {
  describe(`${name} keeps settings`, () => {
    test("a value is written only over the one that was expected", async () => {
      await using under = await open();
      const { settings } = under.store;

      expect(await settings.get("epoch")).toBeUndefined();
      expect(await settings.replace("epoch", "1", "2")).toBe(false);
      expect(await settings.replace("epoch", undefined, "1")).toBe(true);
      expect(await settings.replace("epoch", undefined, "2")).toBe(false);
      expect(await settings.replace("epoch", "3", "2")).toBe(false);
      expect(await settings.replace("epoch", "1", "2")).toBe(true);
      expect(await settings.get("epoch")).toBe("2");
    });

    test("of many that expect the same one wins", async () => {
      await using under = await open();
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => under.store.settings.replace("epoch", undefined, `${n}`)));

      expect(answers.filter((did) => did)).toHaveLength(1);
      expect(await under.store.settings.get("epoch")).toBe(`${answers.indexOf(true)}`);
    });
  });

  describe(`${name} answers and closes`, () => {
    test("ping answers, and after the end every call says that the store is closed", async () => {
      const under = await open();
      await under.store.ping(1_000);

      await under.store[Symbol.asyncDispose]();
      await under.store[Symbol.asyncDispose]();

      await expect(under.store.ping(1_000)).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
      await expect(under.store.runs.find("run_a")).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
      await expect(under.store.settings.get("epoch")).rejects.toMatchObject({ code: "OV_STORE_UNAVAILABLE" });
      await under[Symbol.asyncDispose]();
    });

    test("closing waits for what was asked before", async () => {
      const under = await open();
      const asked = Promise.all(Array.from({ length: 20 }, (_, n) => under.store.settings.replace(`key ${n}`, undefined, "x")));

      await under.store[Symbol.asyncDispose]();

      expect(await asked).toEqual(Array.from({ length: 20 }, () => true));
      await under[Symbol.asyncDispose]();
    });
  });
}
