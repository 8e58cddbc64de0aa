import { readFileSync } from "node:fs";

/** Of OpenVibe: all its packages are published together, so this one's stands for all. */
export const VERSION = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string })
  .version;
