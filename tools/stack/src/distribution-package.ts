import type { StackEnvironment } from "./environment.ts";
import { findPrograms } from "./find-programs.ts";
import { runCommand } from "./run-command.ts";
import { findDebianVersion, formatVersion, type Version } from "./version.ts";

const INSTALL_WITHIN_MS = 300_000;

export interface PackageRequest {
  readonly name: string;
  accepts(version: Version): boolean;
  readonly notify?: (line: string) => void;
}

/** Installs a package of the distribution if the version it has will do. Gives why not, or nothing when it is installed. */
export async function installPackage(
  environment: StackEnvironment,
  { name, accepts, notify }: PackageRequest,
): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "not root";
  const [aptGet] = await findPrograms("apt-get", environment.path);
  if (aptGet === undefined) return "no apt-get";

  let candidate = await findCandidate(name);
  if (candidate === undefined) {
    // a fresh container image has no package lists
    const { failure } = await runCommand(aptGet, ["update", "-qq"], { timeoutMs: INSTALL_WITHIN_MS });
    if (failure !== undefined) return failure;
    candidate = await findCandidate(name);
  }
  if (candidate === undefined) return `no package ${name}`;
  if (!accepts(candidate)) return `${name} there is ${formatVersion(candidate)}`;

  notify?.(`installing the package ${name}`);
  const { failure } = await runCommand(aptGet, ["install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", name], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeoutMs: INSTALL_WITHIN_MS,
  });
  return failure;
}

async function findCandidate(name: string): Promise<Version | undefined> {
  const { output } = await runCommand("apt-cache", ["policy", name], { env: { ...process.env, LC_ALL: "C" } });
  const candidate = /^ *Candidate: (\S+)$/m.exec(output)?.[1];
  return candidate === undefined ? undefined : findDebianVersion(candidate);
}
