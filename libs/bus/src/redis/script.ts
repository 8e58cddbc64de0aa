import { createHash } from "node:crypto";

/** A script that runs on the server as one step: nothing of others happens in between. https://redis.io/docs/latest/develop/programmability/eval-intro/ */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function toScript(text: string): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/** Milliseconds since 1970, by the server's clock. */
export const NOW = `local function now_ms() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end`;
