/** The published packages, packed and installed by plain npm in an empty folder outside the workspace. */
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loginEnvironment } from "./terminal.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Packed extends AsyncDisposable {
  readonly folder: string;
  /** Full paths. */
  readonly tarballs: readonly string[];
  /** A login's environment in which `node` is the one that runs this. */
  readonly env: Readonly<Record<string, string>>;
}

/** Packs into a folder of its own, as `pnpm packages` does. */
export async function packPackages(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-packed-"));
  const env = await withThisNode(folder);
  const target = join(folder, "packed");
  await promisify(execFile)(process.execPath, [join(ROOT, "tools/pack.ts"), target], { env });
  const tarballs = (await readdir(target)).sort().map((name) => join(target, name));
  return { folder, tarballs, env, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** `npm install` of all of them and of zod, which an author's file imports itself, in a new folder `name`. */
export async function installPackages({ folder, tarballs, env }: Packed, name = "installed"): Promise<string> {
  const installed = join(folder, name);
  await mkdir(installed);
  await promisify(execFile)("npm", ["install", "--prefer-offline", ...tarballs, "zod"], { cwd: installed, env });
  return installed;
}

/** The workspace has its Node from a package; a folder outside of it finds it by the path, and nothing else of the workspace. */
async function withThisNode(folder: string): Promise<Record<string, string>> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await symlink(process.execPath, join(bin, "node"));
  const { PATH, ...env } = loginEnvironment();
  return { ...env, PATH: [bin, PATH].join(delimiter) };
}

/** Whether a program is on that path. */
export async function hasProgram(name: string, { PATH = "" }: Readonly<Record<string, string>>): Promise<boolean> {
  const found = await Promise.allSettled(PATH.split(delimiter).map((folder) => access(join(folder, name))));
  return found.some(({ status }) => status === "fulfilled");
}
