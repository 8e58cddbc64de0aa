import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

interface Lock {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}

/**
 * How npm brings into a new project the package that lies in `packageFolder`: by its name, or out of the tarballs it was installed from itself. In
 * the workspace those that `pnpm packages` writes.
 */
export async function installLine(packageFolder: string): Promise<string> {
  const modules = dirname(packageFolder);
  if (basename(modules) !== "node_modules") return fromTarballs(resolve(packageFolder, "../../packed"));
  // npm's own note of where each package came from.
  const text = await readFile(join(modules, ".package-lock.json"), "utf8").catch(() => "{}");
  const from = (JSON.parse(text) as Lock).packages?.["node_modules/openvibe"]?.resolved;
  return from?.startsWith("file:") === true && from.endsWith(".tgz")
    ? fromTarballs(dirname(resolve(dirname(modules), from.slice("file:".length))))
    : "npm install";
}

function fromTarballs(folder: string): string {
  return `npm install ${quoted(folder)}/*.tgz`;
}

/** As a shell reads it. */
export function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
