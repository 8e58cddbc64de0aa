import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installPackage } from "./distribution-package.ts";
import { findDocker } from "./docker.ts";
import type { StackEnvironment } from "./environment.ts";
import { findPrograms } from "./find-programs.ts";
import { runCommand } from "./run-command.ts";
import { findVersion, formatVersion, isAtLeast, isSame, type Version } from "./version.ts";
import { type Attempt, FoundBy, firstWay } from "./ways.ts";

/** Below it a file store can lose what it acknowledged (`reference/reliability.md`). */
const OLDEST_NATS: Version = { major: 2, minor: 12, patch: 6 };
const BUILT_NATS = "2.15.2";
/** From this version on, Go fetches a newer one of itself where the source asks for it. */
const OLDEST_GO: Version = { major: 1, minor: 21, patch: 0 };
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

/** Which server it has to be. */
interface Wanted {
  /** `nats-server >= 2.12.6` */
  readonly name: string;
  readonly advice: string;
  accepts(version: Version): boolean;
  /** The version that is built, or run in a container, where none was found. */
  readonly version: string;
}

/** Finds a NATS server by the first way that works. @throws an error of one line that names all ways */
export function findNats(environment: StackEnvironment, options: FindOptions): Promise<NatsSource> {
  const wanted = wantedOf(environment);
  return firstWay(wanted.name, wanted.advice, [
    { name: "OPENVIBE_TEST_NATS_URL", find: async () => findGiven(environment, options) },
    { name: "OPENVIBE_TEST_NATS_BINARY", find: () => findGivenProgram(environment, wanted) },
    { name: "PATH", find: () => findOnPath(environment, wanted) },
    { name: "go install", find: () => findBuilt(environment, wanted, options) },
    { name: "apt-get", find: () => findPackaged(environment, wanted, options) },
    { name: "go install with the distribution's Go", find: () => findBuiltWithPackagedGo(environment, wanted, options) },
    { name: "Docker", find: () => findImage(wanted) },
  ]);
}

function wantedOf({ natsVersion }: StackEnvironment): Wanted {
  if (natsVersion === undefined)
    return {
      name: `nats-server >= ${formatVersion(OLDEST_NATS)}`,
      advice: "Set OPENVIBE_TEST_NATS_URL, put a newer nats-server on PATH, install Go, or start Docker.",
      accepts: (version) => isAtLeast(version, OLDEST_NATS),
      version: BUILT_NATS,
    };
  const exactly = findVersion(natsVersion);
  if (exactly === undefined) throw new Error(`OPENVIBE_TEST_NATS_VERSION is a version such as 2.10.27, not ${JSON.stringify(natsVersion)}`);
  const version = formatVersion(exactly);
  const advice = "Put this nats-server on PATH, install Go, or start Docker.";
  return { name: `nats-server ${version}`, advice, accepts: (found) => isSame(found, exactly), version };
}

function findGiven({ natsUrl: url, natsVersion }: StackEnvironment, { own }: FindOptions): Attempt<NatsSource> {
  if (own) return { missing: "the caller needs a server of its own" };
  if (natsVersion !== undefined) return { missing: "OPENVIBE_TEST_NATS_VERSION goes before it" };
  return url === undefined ? { missing: "not set" } : { found: { type: "given", foundBy: FoundBy.Environment, url } };
}

async function findGivenProgram({ natsBinary: file, natsVersion }: StackEnvironment, { accepts }: Wanted): Promise<Attempt<NatsSource>> {
  if (file === undefined) return { missing: "not set" };
  const version = natsVersion === undefined ? undefined : findVersion((await runCommand(file, ["--version"])).output);
  if (version !== undefined && !accepts(version)) return { missing: `it is ${formatVersion(version)}` };
  return { found: { type: "program", foundBy: FoundBy.Environment, file } };
}

async function findOnPath({ path }: StackEnvironment, { accepts }: Wanted): Promise<Attempt<NatsSource>> {
  const others: string[] = [];
  for (const file of await findPrograms("nats-server", path)) {
    const version = findVersion((await runCommand(file, ["--version"])).output);
    if (version !== undefined && accepts(version)) return { found: { type: "program", foundBy: FoundBy.Path, file } };
    others.push(`${file} is ${version === undefined ? "no nats-server" : formatVersion(version)}`);
  }
  return { missing: others.join(", ") || "none there" };
}

async function findBuilt(
  { cacheFolder, path }: Pick<StackEnvironment, "cacheFolder" | "path">,
  { version }: Wanted,
  { notify }: FindOptions,
): Promise<Attempt<NatsSource>> {
  const file = join(cacheFolder, `nats-server-${version}`, "nats-server");
  if ((await findPrograms("nats-server", [dirname(file)])).length === 0) {
    const [go] = await findPrograms("go", path);
    if (go === undefined) return { missing: "go is not on PATH" };
    notify?.(`building nats-server ${version} with go, once per machine: half a minute`);
    const failure = await build(go, { file, cacheFolder, version });
    if (failure !== undefined) return { missing: failure };
  }
  return { found: { type: "program", foundBy: FoundBy.Go, file } };
}

async function build(
  go: string,
  { file, cacheFolder, version }: { readonly file: string; readonly cacheFolder: string; readonly version: string },
): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true });
  // Two processes may build at once: each does so in a folder of its own, and a rename replaces the file as a whole.
  const folder = await mkdtemp(join(cacheFolder, "build-"));
  try {
    const { failure } = await runCommand(go, ["install", `github.com/nats-io/nats-server/v2@v${version}`], {
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

async function findPackaged(environment: StackEnvironment, { accepts }: Wanted, { notify }: FindOptions): Promise<Attempt<NatsSource>> {
  const request = { name: "nats-server", accepts, ...(notify === undefined ? {} : { notify }) };
  const missing = await installPackage(environment, request);
  if (missing !== undefined) return { missing };
  const [file] = await findPrograms("nats-server", ["/usr/sbin", "/usr/bin"]); // Debian has it where PATH may not lead
  return file === undefined ? { missing: "the package brings none" } : { found: { type: "program", foundBy: FoundBy.Package, file } };
}

async function findBuiltWithPackagedGo(environment: StackEnvironment, wanted: Wanted, options: FindOptions): Promise<Attempt<NatsSource>> {
  if ((await findPrograms("go", environment.path)).length > 0) return { missing: "the one on PATH was tried" };
  const { notify } = options;
  const accepts = (version: Version) => isAtLeast(version, OLDEST_GO);
  const missing = await installPackage(environment, { name: "golang-go", accepts, ...(notify === undefined ? {} : { notify }) });
  return missing === undefined ? findBuilt({ cacheFolder: environment.cacheFolder, path: ["/usr/bin"] }, wanted, options) : { missing };
}

async function findImage({ version }: Wanted): Promise<Attempt<NatsSource>> {
  if ((await findDocker()) === undefined) return { missing: "no daemon answers" };
  return { found: { type: "image", foundBy: FoundBy.Docker, image: `nats:${version}-alpine` } };
}
