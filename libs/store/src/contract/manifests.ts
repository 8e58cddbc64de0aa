import type { OperatorManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { StoreContract } from "./under-test.ts";

const aManifest = (id: string, name: string): OperatorManifest => ({ id, name, workflows: [], answers: {} });

export function manifestsContract({ name, open }: StoreContract): void {
  describe(`${name} keeps operators as data`, () => {
    test("the version registered last is current, also when it is an old one", async () => {
      await using under = await open();
      const { manifests } = under.store;
      const first = aManifest("hello", "Hello \u0000");

      await manifests.register(first, "v1");
      await manifests.register(aManifest("hello", "Hello again"), "v2");
      expect(await manifests.find("hello")).toMatchObject({ version: "v2", manifest: { name: "Hello again" } });
      await manifests.register(first, "v1");

      const found = await manifests.find("hello");
      expect(found).toMatchObject({ version: "v1", manifest: first });
      expect(Math.abs((found?.registeredAt ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    test("each version can be read, current or not", async () => {
      await using under = await open();
      const { manifests } = under.store;
      const first = aManifest("hello", "Hello");
      await manifests.register(first, "v1");
      await manifests.register(aManifest("hello", "Hello again"), "v2");

      expect(await manifests.findVersion("hello", "v1")).toMatchObject({ version: "v1", manifest: first });
      expect(await manifests.findVersion("hello", "v2")).toMatchObject({ manifest: { name: "Hello again" } });
      expect(await manifests.findVersion("hello", "v3")).toBeUndefined();
      expect(await manifests.findVersion("other", "v1")).toBeUndefined();
    });

    test("the list holds each operator once", async () => {
      await using under = await open();
      const { manifests } = under.store;
      for (const [id, version] of [
        ["b", "v1"],
        ["a", "v1"],
        ["b", "v2"],
      ] as const)
        await manifests.register(aManifest(id, id), version);

      expect((await manifests.list()).map(({ manifest, version }) => `${manifest.id} ${version}`)).toEqual(["a v1", "b v2"]);
      expect(await manifests.find("c")).toBeUndefined();
    });

    test("what is no manifest hides no other one, and is told", async () => {
      await using under = await open();
      const { manifests } = under.store;
      await manifests.register({ id: "odd", name: "Odd" } as OperatorManifest, "v9");
      await manifests.register(aManifest("plain", "Plain"), "v1");
      const told: unknown[] = [];

      const listed = await manifests.list((found) => void told.push(found));

      expect(listed.map(({ manifest }) => manifest.id)).toEqual(["plain"]);
      expect(told).toEqual([{ operatorId: "odd", version: "v9", fault: "workflows is no list" }]);
      expect(await manifests.find("odd")).toBeUndefined();
    });
  });
}
