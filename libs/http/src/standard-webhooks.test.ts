import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { findWebhookKey, isSignedWebhook, newWebhookSecret, signWebhook } from "./standard-webhooks.ts";

const body = JSON.stringify({ type: "lead.qualified", data: { name: "Zoë \u2028 𝄞" } });
const now = () => String(Math.floor(Date.now() / 1_000));
const toHeaders = (id: string, timestamp: string, signature: string) => ({
  "webhook-id": id,
  "webhook-timestamp": timestamp,
  "webhook-signature": signature,
});

describe("a signature", () => {
  test("is one that the official verifier takes", () => {
    const secret = newWebhookSecret();
    const [id, timestamp] = ["run_2026-11-28_x:3", now()];

    const signature = signWebhook({ id, timestamp, body }, [secret]);

    expect(new Webhook(secret).verify(body, toHeaders(id, timestamp, signature))).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${body} `, toHeaders(id, timestamp, signature))).toThrow();
    expect(() => new Webhook(secret).verify(body, toHeaders("other", timestamp, signature))).toThrow();
    expect(() => new Webhook(newWebhookSecret()).verify(body, toHeaders(id, timestamp, signature))).toThrow();
  });

  test("with two secrets is one that the holder of either takes", () => {
    const [old, fresh] = [newWebhookSecret(), newWebhookSecret()];
    const [id, timestamp] = ["event_1", now()];

    const signature = signWebhook({ id, timestamp, body }, [fresh, old]);

    for (const secret of [old, fresh])
      expect(new Webhook(secret).verify(body, toHeaders(id, timestamp, signature))).toEqual(JSON.parse(body));
  });

  test("of the official signer is taken, and no other", () => {
    const secret = newWebhookSecret();
    const message = { id: "msg_1", timestamp: now(), body: Buffer.from(body) };
    const signature = new Webhook(secret).sign(message.id, new Date(Number(message.timestamp) * 1_000), body);

    expect(isSignedWebhook(message, `v1a,xx v1,AAAA ${signature}`, secret)).toBe(true);
    for (const wrong of ["", "v1,", "v1,AAAA", signature.replace("v1,", "v2,"), signature.slice(3)])
      expect(isSignedWebhook(message, wrong, secret)).toBe(false);
    expect(isSignedWebhook({ ...message, timestamp: "1" }, signature, secret)).toBe(false);
    expect(isSignedWebhook(message, signature, newWebhookSecret())).toBe(false);
  });
});

describe("a secret", () => {
  test("is new each time, and has 256 bits", () => {
    const secrets = new Set(Array.from({ length: 20 }, newWebhookSecret));

    expect(secrets.size).toBe(20);
    for (const secret of secrets) expect(findWebhookKey(secret)).toHaveLength(32);
  });

  test.each([
    ["whsec_MTIzNDU2Nzg=", "8 bytes"],
    [`whsec_${Buffer.alloc(23).toString("base64")}`, "23 bytes"],
    [`whsec_${Buffer.alloc(65).toString("base64")}`, "65 bytes"],
    [Buffer.alloc(32).toString("base64"), "no prefix"],
    ["whsec_not base64 at all, but long enough for it", "no base64"],
    ["whsec_", "nothing"],
  ])("may not be %s (%s)", (secret) => {
    expect(findWebhookKey(secret)).toBeUndefined();
  });
});
