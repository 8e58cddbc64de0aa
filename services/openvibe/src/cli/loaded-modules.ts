/** How `openvibe dev` knows which files its server is made of: the server tells over the channel between the two. */
import type { ChildProcess } from "node:child_process";
import { realpathSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a server tells: modules that it has loaded, by their real paths. The first time when all operators are loaded. */
interface Told {
  readonly loaded: readonly string[];
}

const OF_A_PACKAGE = /[\\/]node_modules[\\/]/;

/** In the server, before it loads anything of the author's. Gives what to call when all operators are loaded. */
export function tellLoadedModules(): () => void {
  const loaded = new Set<string>();
  let ready = false;
  const tell = (modules: Iterable<string>) => {
    if (process.connected) process.send?.({ loaded: [...modules] } satisfies Told);
  };
  registerHooks({
    // Not `load`: that of files with decorators comes first, and asks no other.
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      if (resolved.url.startsWith("file:") && !OF_A_PACKAGE.test(resolved.url)) {
        const path = fileURLToPath(resolved.url);
        if (ready && !loaded.has(path)) tell([path]);
        loaded.add(path);
      }
      return resolved;
    },
  });
  return () => {
    ready = true;
    tell(loaded);
  };
}

/** In `openvibe dev`: whether the server has loaded this module. All of them count while it starts and when it has ended, as nobody knows then. */
export function followLoadedModules(server: ChildProcess): (path: string) => boolean {
  let known: Set<string> | undefined;
  server.on("message", (told: Told) => {
    known ??= new Set();
    for (const path of told.loaded) known.add(path);
  });
  server.once("exit", () => {
    known = undefined;
  });
  return (path) => known === undefined || known.has(toRealPath(path));
}

/** As Node names a module; of one that an editor replaces at this moment, or that is gone, what it was. */
function toRealPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(toRealPath(dirname(path)), basename(path));
  }
}
