import { hash, timingSafeEqual } from "node:crypto";
import { OpenVibeError, type OperatorId } from "@openvibe/core";
import { type ApiKey, hashOfKey, SCOPES, type Scope } from "./api-key.ts";

/** Who asks, and what for he may. */
export interface Caller {
  /** Holds nothing of the key; idempotency keys and limits belong to it. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Those he may see and run; `undefined`: all. */
  readonly operators: ReadonlySet<OperatorId> | undefined;
}

/** Who may ask. */
export interface Auth {
  /** Whether a key is needed at all. */
  readonly required: boolean;
  /** @throws OpenVibeError OV_UNAUTHENTICATED */
  identify(authorization: string | undefined): Caller;
}

/** The caller's name where no key is needed. */
export const ANYONE = "anyone";

/** Who asks where nobody is asked who he is. */
export const NOBODY: Caller = { name: "", scopes: new Set(), operators: new Set() };

const EVERYTHING: ReadonlySet<Scope> = new Set(SCOPES);
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/**
 * Bearer keys. `undefined`: no key is needed, for binds on loopback only.
 * @throws OpenVibeError OV_CONFIG_INVALID when the list is there but empty: nobody could come in
 */
export function createAuth({ keys }: { readonly keys: readonly ApiKey[] | undefined }): Auth {
  if (keys === undefined) {
    const anyone: Caller = { name: ANYONE, scopes: EVERYTHING, operators: undefined };
    return { required: false, identify: () => anyone };
  }
  if (keys.length === 0 || keys.includes("")) {
    throw new OpenVibeError("OV_CONFIG_INVALID", "the list of API keys is empty or holds an empty key, so that nobody could be let in");
  }
  const known = keys.map(toKnown);
  return {
    required: true,
    identify(authorization) {
      const token = BEARER.exec(authorization ?? "")?.[1];
      const digest = hash("sha256", token ?? "", "buffer");
      // Every key is compared, and digests instead of keys: how long it takes tells nothing.
      let caller: Caller | undefined;
      for (const key of known) if (timingSafeEqual(key.digest, digest)) caller = key.caller;
      // Somebody may have stored the hash of an empty variable: no key is no key all the same.
      if (caller !== undefined && token !== undefined) return caller;
      throw new OpenVibeError("OV_UNAUTHENTICATED", "send a valid API key in the header Authorization: Bearer <key>");
    },
  };
}

function toKnown(key: ApiKey): { readonly digest: Buffer; readonly caller: Caller } {
  const [, hex = ""] = (typeof key === "string" ? hashOfKey(key) : key.hash).split(":");
  const digest = Buffer.from(hex, "hex");
  if (typeof key === "string") return { digest, caller: { name: `key_${hex.slice(0, 12)}`, scopes: EVERYTHING, operators: undefined } };
  const scopes = key.scopes.includes("admin") ? EVERYTHING : new Set(key.scopes);
  // The colon keeps a name from being that of a plain key, of anyone, or of the code itself.
  return { digest, caller: { name: `key:${key.name}`, scopes, operators: key.operators && new Set(key.operators) } };
}
