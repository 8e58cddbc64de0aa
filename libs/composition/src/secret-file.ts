import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "@openvibe/core";

const MAX_BYTES = 65_536;

/** A secret out of a file of its own, as Docker and Kubernetes hand it in: without the line's end. What is wrong is said of the file, never of its content. */
export function readSecretFile(path: string, folder = process.cwd()): { readonly value?: string; readonly fault?: string } {
  const file = resolve(folder, path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return { fault: `names ${file}, which is not there` };
  if (!found.isFile()) return { fault: `names ${file}, which is no file` };
  if (found.size > MAX_BYTES) return { fault: `names ${file}, which is larger than the ${MAX_BYTES} bytes of a secret` };
  try {
    const value = readFileSync(file, "utf8").trim();
    return value === "" ? { fault: `names ${file}, which is empty` } : { value };
  } catch (cause) {
    return { fault: `names ${file}, which cannot be read: ${messageOf(cause)}` };
  }
}
