import type { OperatorManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aFinishedRun, aNewRun, aWaitingRun, OPERATOR } from "./examples.ts";
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

    test("a posted operator keeps what it is made of, until code defines it", async () => {
      await using under = await open();
      const { manifests } = under.store;
      await manifests.register(aManifest("code", "Code"), "v1");
      await manifests.register(aManifest("posted", "Posted"), "v1", "first");

      await manifests.register(aManifest("posted", "Posted"), "v2", "second");
      expect(await manifests.listPosted()).toEqual([{ operatorId: "posted", version: "v2", source: "second" }]);
      expect((await manifests.list()).map(({ manifest, posted }) => [manifest.id, posted])).toEqual([
        ["code", false],
        ["posted", true],
      ]);

      await manifests.register(aManifest("posted", "Posted"), "v1", "first");
      expect(await manifests.listPosted()).toEqual([{ operatorId: "posted", version: "v1", source: "first" }]);
      await manifests.register(aManifest("posted", "Posted"), "v2");
      expect(await manifests.listPosted()).toEqual([]);
      expect(await manifests.find("posted")).toMatchObject({ version: "v2", posted: false });
    });

    test("an operator is removed with all its versions, and no other one", async () => {
      await using under = await open();
      const { manifests } = under.store;
      for (const [id, version] of [
        ["gone", "v1"],
        ["gone", "v2"],
        ["kept", "v1"],
      ] as const)
        await manifests.register(aManifest(id, id), version);

      expect(await manifests.remove("gone")).toEqual({ removed: true });
      expect(await manifests.remove("gone")).toEqual({ removed: true });

      expect(await under.versions("gone")).toEqual([]);
      expect(await under.versions("kept")).toEqual(["v1"]);
    });

    test("an operator stays as long as a run of it has not ended", async () => {
      await using under = await open();
      const { manifests } = under.store;
      await manifests.register(aManifest(OPERATOR, "Revenue"), "v1");
      await aFinishedRun(under.store);
      await aWaitingRun(under.store);
      await under.store.runs.insert(aNewRun());

      expect(await manifests.remove(OPERATOR)).toEqual({ removed: false, open: 2 });
      expect(await under.versions(OPERATOR)).toEqual(["v1"]);
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
