import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openFolder } from "../spawn-node.fixture.ts";
import { watchFiles } from "./watch-files.ts";

async function openProject() {
  const folder = await openFolder();
  for (const name of ["lib", ".openvibe", "node_modules/zod", "dist"]) await mkdir(join(folder.path, name), { recursive: true });
  for (const name of ["hello.ts", "lib/dates.ts"]) await writeFile(join(folder.path, name), "1");
  return folder;
}

describe("a change is noticed", () => {
  test.each<[string, (path: string) => Promise<unknown>, string]>([
    ["of a file", (path) => writeFile(join(path, "hello.ts"), "2"), "hello.ts"],
    ["of a file in a folder below", (path) => writeFile(join(path, "lib/dates.ts"), "2"), "lib/dates.ts"],
    [
      "of a file that an editor saves by renaming",
      async (path) => {
        await writeFile(join(path, "hello.ts~"), "2");
        await rename(join(path, "hello.ts~"), join(path, "hello.ts"));
      },
      "hello.ts",
    ],
    ["by a new prompt", (path) => writeFile(join(path, "lib/prompt.md"), "Hi"), "lib/prompt.md"],
    ["by a new folder", (path) => mkdir(join(path, "more")), "more"],
  ])("%s", async (_what, change, changed) => {
    await using project = await openProject();
    using watched = watchFiles([project.path]);

    await change(project.path);

    expect(await watched.changed).toBe(join(project.path, changed));
  });

  test("of a module that was loaded, or is new; not of others, also when they are saved first", async () => {
    await using project = await openProject();
    const inProject = (name: string) => join(project.path, name);
    const loaded = new Set<string>();
    for (const [counts, load] of [
      ["hello.ts", true],
      ["new.ts", false],
      ["lib/prompt.md", false],
    ] as const) {
      using watched = watchFiles([project.path], (path) => loaded.has(path));
      if (load) loaded.add(inProject(counts));

      for (const name of ["lib/dates.ts", counts]) await writeFile(inProject(name), "2");

      expect(await watched.changed).toBe(inProject(counts));
    }
  });

  test("again by the next watch, after a file was replaced", async () => {
    await using project = await openProject();
    for (const text of ["2", "3", "4"]) {
      using watched = watchFiles([project.path]);
      await writeFile(join(project.path, "new.ts"), text);
      await rename(join(project.path, "new.ts"), join(project.path, "hello.ts"));

      await watched.changed;
    }
  });
});

test("a store, dependencies, builds and other files may change as they like", async () => {
  await using project = await openProject();
  using watched = watchFiles([project.path, join(project.path, "lib")]);
  const names = [".openvibe/openvibe.db-wal", ".openvibe/x.json", "node_modules/zod/index.js", "dist/hello.js", "log.txt", ".env.json"];

  for (const name of names) await writeFile(join(project.path, name), "2");

  expect(watched.folders).toBe(2);
  expect(await Promise.race([watched.changed, sleep(400, "nothing")])).toBe("nothing");
});

test("a folder that is not there has nothing to watch", () => {
  using watched = watchFiles(["/nowhere/operators"]);

  expect(watched.folders).toBe(0);
});
