/** Programs of other languages' worlds that tests use: packages of Python's, in a folder of their own. */
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findPrograms, readEnvironment, runCommand } from "@openvibe/stack";

const INSTALL_WITHIN_MS = 300_000;
/** What Python prints to be told apart from the others on this machine: compiled packages are made for one version each. */
const VERSION = "import pip, platform, sys; assert sys.version_info >= (3, 11); print(platform.python_version(), platform.machine())";

export interface PythonPackages {
  /** The interpreter. */
  readonly python: string;
  /** Where they lie: for PYTHONPATH. */
  readonly folder: string;
}

/**
 * Installs once per machine, beside what `stack` builds, what a requirements file names; its first line is the package it is for.
 * @throws an error of one line when there is no Python, or no way to install it
 */
export async function installPythonPackages(requirementsFile: string, env: NodeJS.ProcessEnv = process.env): Promise<PythonPackages> {
  const { cacheFolder, path } = readEnvironment(env);
  const [wanted = ""] = (await readFile(requirementsFile, "utf8")).split("\n");
  const [name = ""] = wanted.split("==");
  const python = await findPython(name, path);
  const folder = join(cacheFolder, `${wanted.replace("==", "-")}-${python.version}`);
  if ((await stat(folder).catch(() => undefined)) === undefined) await install(name, requirementsFile, python.file, folder);
  return { python: python.file, folder };
}

async function findPython(name: string, path: readonly string[]): Promise<{ readonly file: string; readonly version: string }> {
  const tried: string[] = [];
  for (const file of [...(await findPrograms("python3", path)), ...(await findPrograms("python", path))]) {
    const { output, failure } = await runCommand(file, ["-c", VERSION]);
    if (failure === undefined) return { file, version: `python-${output.trim().replaceAll(" ", "-")}` };
    tried.push(`${file}: ${failure.split(": ").slice(1).join(": ")}`);
  }
  const why = tried.join("; ") || "there is no python3";
  throw new Error(`${name} needs Python 3.11 or newer with pip on PATH: ${why}. On Debian: apt-get install python3-pip`);
}

/** Into a folder of its own, which works where Python belongs to the distribution and has no venv. A rename replaces it as a whole. */
async function install(name: string, requirementsFile: string, python: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--target", fresh];
  const { failure } = await runCommand(python, [...pip, "-r", requirementsFile], { timeoutMs: INSTALL_WITHIN_MS });
  if (failure === undefined) await rename(fresh, folder).catch(() => {}); // somebody else was faster
  await rm(fresh, { recursive: true, force: true });
  if (failure !== undefined) throw new Error(`${name} cannot be installed: ${failure}`);
}
