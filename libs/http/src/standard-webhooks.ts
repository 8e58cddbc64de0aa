/** Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const PREFIX = "whsec_";
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const NEW_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export const WEBHOOK_SECRET_FORM = `${PREFIX} and base64 of ${LEAST_BYTES} to ${MOST_BYTES} random bytes`;

/** What is signed. */
export interface SignedMessage {
  readonly id: string;
  /** Seconds since 1970, as a text. */
  readonly timestamp: string;
  /** The body as it is sent, byte for byte. */
  readonly body: string | Buffer;
}

/** A secret of 256 random bits. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(NEW_BYTES).toString("base64");
}

/** The key in a secret; `undefined` where it does not have the form `WEBHOOK_SECRET_FORM`. */
export function findWebhookKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  const text = secret.slice(PREFIX.length);
  const key = BASE64.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
  return key.length >= LEAST_BYTES && key.length <= MOST_BYTES ? key : undefined;
}

/** The value of `webhook-signature`: one signature for each secret, so that a receiver may take either while they change. */
export function signWebhook(message: SignedMessage, secrets: readonly string[]): string {
  return secrets.map((secret) => `v1,${digest(message, keyOf(secret)).toString("base64")}`).join(" ");
}

/** Whether one of the signatures in a `webhook-signature` is right. Says nothing about the timestamp. */
export function isSignedWebhook(message: SignedMessage, signatures: string, secret: string): boolean {
  const expected = digest(message, keyOf(secret));
  return signatures
    .split(" ")
    .filter((signature) => signature.startsWith("v1,"))
    .map((signature) => Buffer.from(signature.slice(3), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

/** Secrets of other senders may have another length. */
function keyOf(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
}

function digest({ id, timestamp, body }: SignedMessage, key: Buffer): Buffer {
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
}
