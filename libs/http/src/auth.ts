import { hash, timingSafeEqual } from "node:crypto";
import { OpenVibeError } from "@openvibe/core";

/** Who may ask. */
export interface Auth {
  /** Whether a key is needed at all. */
  readonly required: boolean;
  /** Gives the caller's name, which holds nothing of the key: idempotency keys belong to it. @throws OpenVibeError OV_UNAUTHENTICATED */
  identify(authorization: string | undefined): string;
}

/** The caller where no key is needed. */
export const ANYONE = "anyone";

const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/**
 * Bearer keys. `undefined`: no key is needed, for binds on loopback only.
 * @throws OpenVibeError OV_CONFIG_INVALID when the list is there but empty: nobody could come in
 */
export function createAuth({ keys }: { readonly keys: readonly string[] | undefined }): Auth {
  if (keys === undefined) return { required: false, identify: () => ANYONE };
  if (keys.length === 0 || keys.includes("")) {
    throw new OpenVibeError("OV_CONFIG_INVALID", "the list of API keys is empty or holds an empty key, so that nobody could be let in");
  }
  const known = keys.map((key) => {
    const digest = sha256(key);
    return { digest, name: `key_${digest.toString("hex").slice(0, 12)}` };
  });
  return {
    required: true,
    identify(authorization) {
      const digest = sha256(BEARER.exec(authorization ?? "")?.[1] ?? "");
      // Every key is compared, and digests instead of keys: how long it takes tells nothing.
      let name: string | undefined;
      for (const key of known) if (timingSafeEqual(key.digest, digest)) name = key.name;
      if (name !== undefined) return name;
      throw new OpenVibeError("OV_UNAUTHENTICATED", "send a valid API key in the header Authorization: Bearer <key>");
    },
  };
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
