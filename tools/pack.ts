/**
 * Packs every package that is published into `packed/` (or the folder named): built from nothing, so that no file of an earlier build comes along.
 * What stands in a tarball is checked by tests/e2e/packages.test.ts.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

const root = join(import.meta.dirname, "..");
const target = resolve(process.argv[2] ?? join(root, "packed"));
const workspace = readManifest("package.json");
const published = globSync(["{libs,services}/*/package.json", "nats/package.json"], { cwd: root })
  .map((file) => ({ folder: dirname(file), ...readManifest(file) }))
  .filter((manifest) => manifest.private !== true);

for (const { name, version } of published)
  if (version !== workspace.version) fail(`${name} is ${version}, the workspace ${workspace.version}: all packages have one version`);
for (const { folder } of published) rmSync(join(root, folder, "dist"), { recursive: true, force: true });
rmSync(target, { recursive: true, force: true });
const filters = published.map(({ name }) => `--filter=${name}`);
pnpm("build", ...filters);
pnpm(...filters, "pack", "--pack-destination", target);
process.stdout.write(`packed ${published.length} packages of ${workspace.version} in ${target}\n`);

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
}

/** By npx, since turbo looks for a pnpm of the workspace's version on the path and npx puts one there. */
function pnpm(...args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync("npx", ["-y", "pnpm@12", ...args], { cwd: root, encoding: "utf8" });
  if (status !== 0) fail(`pnpm ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`}`);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
