import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

const SOURCE = /\.([cm]?[jt]s|json|md|ya?ml)$/;
const MODULE = /\.[cm]?[jt]s$/;
const PASSED_OVER = /^(\..*|node_modules|dist)$/;
const MOST_FOLDERS = 1_000;
/** An editor's save is several events. */
const SETTLE_MS = 100;

export interface WatchedFiles extends Disposable {
  /** How many folders are watched. */
  readonly folders: number;
  /** Resolves once, with the file or folder that changed first. */
  readonly changed: Promise<string>;
}

/**
 * Watches source files below `roots`. Hidden folders, `node_modules` and `dist` are passed over: a store that lies in `.openvibe` changes all the time.
 * Folders are watched, not files: an editor that saves by renaming replaces the file, and a watch on the file would be left with the old one.
 * A module that was there before and that nobody has loaded, such as a test, may change as it likes; who reads prompts, YAML and JSON nobody can tell.
 */
export function watchFiles(roots: readonly string[], isLoaded: (module: string) => boolean = () => true): WatchedFiles {
  const { promise: changed, resolve } = Promise.withResolvers<string>();
  const folders = [...new Set(roots.flatMap(foldersBelow))].slice(0, MOST_FOLDERS);
  const before = new Set(folders.flatMap(modulesIn));
  const noted = new Set<string>();
  let settling: NodeJS.Timeout | undefined;
  const settle = () => {
    settling = undefined;
    const counts = [...noted].find((path) => !before.has(path) || isLoaded(path));
    noted.clear();
    if (counts !== undefined) resolve(counts);
  };
  const note = (path: string) => {
    noted.add(path);
    settling ??= setTimeout(settle, SETTLE_MS);
  };
  const watchers = folders.map((folder): FSWatcher => {
    const watcher = watch(folder, (_event, name) => {
      if (name === null || PASSED_OVER.test(name)) return;
      const path = join(folder, name);
      if (SOURCE.test(name) || isFolder(path)) note(path);
    });
    return watcher.on("error", () => watcher.close()); // the folder is gone
  });
  return {
    folders: watchers.length,
    changed,
    [Symbol.dispose]() {
      clearTimeout(settling);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function foldersBelow(root: string): readonly string[] {
  if (!isFolder(root)) return [];
  const folders = [root];
  for (let at = 0; at < folders.length && folders.length < MOST_FOLDERS; at++) {
    const folder = folders[at] ?? root;
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !PASSED_OVER.test(entry.name)) folders.push(join(folder, entry.name));
  }
  return folders;
}

function modulesIn(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => (MODULE.test(name) ? [join(folder, name)] : []));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
