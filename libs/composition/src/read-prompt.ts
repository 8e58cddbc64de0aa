import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { messageOf } from "@openvibe/core";
import type { Spot } from "@openvibe/sdk/yaml";

const MAX_BYTES = 1_048_576;
const URL_LIKE = /^[a-zA-Z][a-zA-Z0-9+.-]*:/;

/**
 * Reads a prompt below `root`, the folder of the file that names it: nothing leads out of there, a symbolic link neither.
 * @throws OpenVibeError OV_DEFINITION_INVALID at `spot`, saying what the file is
 */
export async function readPrompt(file: string, root: string, spot: Spot): Promise<string> {
  const outside = (why: string) =>
    spot.fault(`${JSON.stringify(file)} ${why}; a prompt lies below the folder of the file that names it (${root})`);
  if (file.includes("\0") || file.trim() === "") throw spot.fault("names no file");
  if (isAbsolute(file) || /^[\\/]/.test(file)) throw outside("is an absolute path");
  if (URL_LIKE.test(file)) throw outside("is a URL");
  const path = resolve(root, file);
  if (!isBelow(path, root)) throw outside("leads out of it");
  const real = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") throw spot.fault(`there is no prompt ${relative(root, path)} below ${root}`);
    throw spot.fault(`the prompt ${file} cannot be read: ${messageOf(cause)}`, cause);
  });
  if (!isBelow(real, await realpath(root))) throw outside("is a link that leads out of it");
  return await readText(real, file, spot);
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function readText(path: string, file: string, spot: Spot): Promise<string> {
  // Without waiting: a pipe that nobody writes to would be waited for, for ever.
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    throw spot.fault(
      `the prompt ${file} ${cause.code === "ENXIO" ? "is no file but a socket" : `cannot be read: ${messageOf(cause)}`}`,
      cause,
    );
  });
  const found = await handle.stat();
  if (!found.isFile())
    throw spot.fault(`the prompt ${file} is no file but a ${found.isDirectory() ? "folder" : found.isFIFO() ? "pipe" : "device"}`);
  if (found.size > MAX_BYTES) throw spot.fault(`the prompt ${file} has ${found.size} bytes; allowed are ${MAX_BYTES}`);
  const bytes = await handle.readFile();
  if (bytes.includes(0)) throw spot.fault(`the prompt ${file} is binary: it holds a zero byte`);
  if (!isUtf8(bytes)) throw spot.fault(`the prompt ${file} is not UTF-8`);
  return bytes.toString("utf8");
}
