/** schemathesis (https://schemathesis.readthedocs.io): tries an API with what its OpenAPI document allows, and with what it rules out. */
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findPrograms, readEnvironment, runCommand } from "@openvibe/stack";

const FILES = fileURLToPath(new URL("schemathesis/", import.meta.url));
const INSTALL_WITHIN_MS = 300_000;
const NEEDED = "schemathesis needs Python 3.11 or newer with pip on PATH";
/** What Python prints to be told apart from the others on this machine: compiled packages are made for one version each. */
const VERSION = "import pip, platform, sys; assert sys.version_info >= (3, 11); print(platform.python_version(), platform.machine())";

export interface Schemathesis {
  /** Tries the API at the address with all checks; the report is for people. */
  run(url: string, options: { readonly timeoutMs: number }): Promise<{ readonly passed: boolean; readonly report: string }>;
}

/** Installs it once per machine, beside what `stack` builds. @throws an error of one line when there is no Python, or no way to install it */
export async function openSchemathesis(env: NodeJS.ProcessEnv = process.env): Promise<Schemathesis> {
  const { cacheFolder, path } = readEnvironment(env);
  const python = await findPython(path);
  const requirements = await readFile(join(FILES, "requirements.txt"), "utf8");
  const wanted = requirements.split("\n")[0]?.replace("==", "-") ?? "";
  const folder = join(cacheFolder, `${wanted}-${python.version}`);
  if ((await stat(folder).catch(() => undefined)) === undefined) await install(python.file, folder);
  return {
    async run(url, { timeoutMs }) {
      const cwd = await mkdtemp(join(tmpdir(), "openvibe-schemathesis-")); // it leaves files where it runs
      try {
        const args = ["--config-file", join(FILES, "schemathesis.toml"), "run", `${url}/openapi.json`, "--checks", "all", "--no-color"];
        const { output, failure } = await runCommand(python.file, [join(folder, "bin/st"), ...args], {
          cwd,
          env: { ...env, PYTHONPATH: `${folder}:${FILES}`, PYTHONDONTWRITEBYTECODE: "1", PYTHONUTF8: "1" },
          timeoutMs,
        });
        return { passed: failure === undefined, report: failure === undefined ? output : `${output}\n${failure}` };
      } finally {
        await rm(cwd, { recursive: true, force: true });
      }
    },
  };
}

async function findPython(path: readonly string[]): Promise<{ readonly file: string; readonly version: string }> {
  const tried: string[] = [];
  for (const file of [...(await findPrograms("python3", path)), ...(await findPrograms("python", path))]) {
    const { output, failure } = await runCommand(file, ["-c", VERSION]);
    if (failure === undefined) return { file, version: `python-${output.trim().replaceAll(" ", "-")}` };
    tried.push(`${file}: ${failure.split(": ").slice(1).join(": ")}`);
  }
  throw new Error(`${NEEDED}: ${tried.join("; ") || "there is no python3"}. On Debian: apt-get install python3-pip`);
}

/** Into a folder of its own, which works where Python belongs to the distribution and has no venv. A rename replaces it as a whole. */
async function install(python: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--target", fresh];
  const { failure } = await runCommand(python, [...pip, "-r", join(FILES, "requirements.txt")], { timeoutMs: INSTALL_WITHIN_MS });
  if (failure === undefined) await rename(fresh, folder).catch(() => {}); // somebody else was faster
  await rm(fresh, { recursive: true, force: true });
  if (failure !== undefined) throw new Error(`schemathesis cannot be installed: ${failure}`);
}
