import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";
import { OpenVibeError } from "@openvibe/core";

/** On the process, not in this module: the command and the operator's file may each have a copy of this package. */
const LOADER = Symbol.for("openvibe.loader");
interface Marked {
  [LOADER]?: (file: string) => void;
}

/**
 * Loads operators' files, and notices one that calls `serve` itself: it would open a second server, and the command would wait for ever.
 * @throws OpenVibeError OV_CONFIG_INVALID naming that file, and what `load` throws
 */
export async function whileLoading<T>(load: () => Promise<T>): Promise<T> {
  const { promise: servesItself, reject } = Promise.withResolvers<never>();
  const marked = globalThis as Marked;
  marked[LOADER] = (file) => {
    const shown = relative(process.cwd(), file);
    const what = `${shown} calls serve() itself: start it with "node ${shown}", or leave that line out and end the file with "export default operator(…)"`;
    reject(new OpenVibeError("OV_CONFIG_INVALID", what));
  };
  try {
    return await Promise.race([load(), servesItself]);
  } finally {
    delete marked[LOADER];
  }
}

/** For `serve`: whether its caller's file is only being loaded; then the command that loads it is told. */
export function tellLoader(): boolean {
  const tell = (globalThis as Marked)[LOADER];
  if (tell === undefined) return false;
  const [, , caller] = getCallSites(); // this function, `serve`, and whoever called it
  const script = caller?.scriptName ?? "a file";
  tell(script.startsWith("file:") ? fileURLToPath(script) : script);
  return true;
}
