import { hash } from "node:crypto";
import { ID_PATTERN, newToken } from "@openvibe/core";
import { z } from "zod";

/** `read`: what is asked with GET. `run`: starting, resuming and cancelling runs, writing context. `admin`: everything. None of the first two holds the other. */
export const SCOPES = ["read", "run", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

const id = z.string({ error: "must be an id" }).regex(new RegExp(ID_PATTERN), { error: "must be an id: 1 to 64 of a-z, 0-9, _ and -" });
const some = <T extends z.ZodType>(entry: T, what: string) =>
  z.array(entry, { error: `must be a list of ${what}` }).min(1, { error: `must name at least one` });

/** A key of which the server knows the hash only, and what it may do. Two entries of one name are one caller: so a key is exchanged for a new one. */
export const HashedKey = z.strictObject(
  {
    name: id,
    hash: z.string({ error: "must be sha256:<64 hex digits>" }).regex(/^sha256:[0-9a-f]{64}$/, { error: "must be sha256:<64 hex digits>" }),
    scopes: some(z.enum(SCOPES, { error: `must be ${SCOPES.join(" or ")}` }), "scopes"),
    operators: some(id, "operators' ids").optional(),
  },
  { error: ({ code }) => (code === "unrecognized_keys" ? undefined : "must be { name, hash, scopes, operators }") },
);
export type HashedKey = z.infer<typeof HashedKey>;

/** A plain key may do everything, and is meant for development. */
export type ApiKey = string | HashedKey;

/** What a plain key is made of: all that a bearer token may hold (RFC 6750 §2.1), and what else is printable, but no colon, which the entry of a hashed one has. */
export const PLAIN_KEY = /^[\x21-\x39\x3b-\x7e]+$/;

/** `ov_` and 32 random letters and digits: 165 bits, so that a plain SHA-256 of it keeps it secret. */
export function newApiKey(): string {
  return `ov_${newToken()}${newToken()}`;
}

export function hashOfKey(key: string): string {
  return `sha256:${hash("sha256", key)}`;
}

/** `ci:sha256:<hex>:scopes=read+run:operators=hello`: a hashed key on one line that no shell changes. */
export function formatKeyEntry({ name, hash: digest, scopes, operators }: HashedKey): string {
  return [name, digest, `scopes=${scopes.join("+")}`, ...(operators === undefined ? [] : [`operators=${operators.join("+")}`])].join(":");
}

/** The fields of such a line, for `HashedKey` to check; a plain key as it is. */
export function readKeyEntry(text: string): unknown {
  if (!text.includes(":")) return text;
  const [name, algorithm, digest, ...rest] = text.split(":");
  const lists = rest.map((part) => {
    const [field = "", list = ""] = part.split(/=(.*)/s);
    return [field, list.split("+")] as const;
  });
  return { name, hash: `${algorithm}:${digest?.toLowerCase()}`, ...Object.fromEntries(lists) };
}
