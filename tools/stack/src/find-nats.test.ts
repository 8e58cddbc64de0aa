import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findNats } from "./find-nats.ts";

test("a program on PATH that is new enough is taken, the too old one before it is passed over", async () => {
  await using machine = await aMachine();
  const old = await machine.program("old/nats-server", "nats-server: v2.9.10");
  const good = await machine.program("good/nats-server", "nats-server: v2.12.6");

  const source = await findNats(machine.withPath(old, good), { own: false });

  expect(source).toEqual({ type: "program", foundBy: "path", file: good });
});

test("with too old programs only, the one that Go built earlier is taken", async () => {
  await using machine = await aMachine();
  const old = await machine.program("old/nats-server", "nats-server: v2.12.5");
  const broken = await machine.program("broken/nats-server", "Segmentation fault");
  const built = await machine.program("cache/nats-server-2.15.2/nats-server", "nats-server: v2.15.2");

  const source = await findNats(machine.withPath(old, broken), { own: false });

  expect(source).toEqual({ type: "program", foundBy: "go", file: built });
});

test("the server that the environment names comes first, but not for who needs one of its own", async () => {
  await using machine = await aMachine();
  const good = await machine.program("good/nats-server", "nats-server: v2.15.2");
  const environment = { ...machine.withPath(good), natsUrl: "nats://10.0.0.1:4222" };

  expect(await findNats(environment, { own: false })).toEqual({ type: "given", foundBy: "environment", url: "nats://10.0.0.1:4222" });
  expect(await findNats(environment, { own: true })).toEqual({ type: "program", foundBy: "path", file: good });
});

test("the program that the environment names is taken whatever its version", async () => {
  await using machine = await aMachine();
  const old = await machine.program("old/nats-server", "nats-server: v2.10.27");

  const source = await findNats({ ...machine.withPath(), natsBinary: old }, { own: true });

  expect(source).toEqual({ type: "program", foundBy: "environment", file: old });
});

test("a version that is asked for by name is taken exactly, from PATH or as Go built it, and before a server that is given", async () => {
  await using machine = await aMachine();
  const newer = await machine.program("newer/nats-server", "nats-server: v2.15.2");
  const built = await machine.program("cache/nats-server-2.10.27/nats-server", "nats-server: v2.10.27");
  const wanted = { natsVersion: "2.10.27", natsUrl: "nats://10.0.0.1:4222", natsBinary: newer };

  expect(await findNats({ ...machine.withPath(newer), ...wanted }, { own: false })).toEqual({
    type: "program",
    foundBy: "go",
    file: built,
  });
  const exact = await machine.program("exact/nats-server", "nats-server: v2.10.27");
  expect(await findNats({ ...machine.withPath(newer, exact), ...wanted }, { own: false })).toEqual({
    type: "program",
    foundBy: "path",
    file: exact,
  });
});

test("a version that is none is told", () => {
  const environment = { path: [], cacheFolder: "/nowhere", natsVersion: "oldest" };

  expect(() => findNats(environment, { own: false })).toThrow('OPENVIBE_TEST_NATS_VERSION is a version such as 2.10.27, not "oldest"');
});

/** A folder with programs that print a version, and environments that know only them. */
async function aMachine() {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-find-nats-"));
  return {
    async program(name: string, prints: string): Promise<string> {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `#!/bin/sh\necho '${prints}'\n`);
      await chmod(file, 0o755);
      return file;
    },
    withPath: (...files: readonly string[]) => ({ path: files.map((file) => dirname(file)), cacheFolder: join(folder, "cache") }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
