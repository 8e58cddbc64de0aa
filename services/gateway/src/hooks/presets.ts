/** How senders sign, a row each. Nothing here throws or tells why: a caller who cannot sign learns nothing. Longer than most: one table. */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { canonicalJson, type JsonObject } from "@openvibe/core";
import { isSignedWebhook } from "@openvibe/http";
import type { HookPreset } from "@openvibe/http/hook-source";
import { type HookRequest, headerOf } from "./hook-request.ts";

export interface Preset {
  /** Where the signature stands, for those who look for what is wrong. */
  readonly header: string;
  isGenuine(request: HookRequest, secret: string): boolean;
  /** The sender's own id of what it delivers; `undefined` where it gives none: then the body is its own. */
  idOf(request: HookRequest, entry: JsonObject): string | undefined;
}

/** A signature that carries a time is good for so long, before it and after. */
const TOLERANCE_MS = 300_000;

export const PRESETS: Readonly<Record<HookPreset, Preset>> = {
  /** https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation (v3) */
  hubspot: {
    header: "x-hubspot-signature-v3",
    isGenuine(request, secret) {
      const timestamp = headerOf(request, "x-hubspot-request-timestamp") ?? "";
      const given = Buffer.from(headerOf(request, "x-hubspot-signature-v3") ?? "", "base64");
      // Signed is the address that HubSpot called. Whoever does not know the secret gains nothing by another one.
      return (
        isTimely(timestamp, 1, request.now) &&
        addressesOf(request).some((address) => isSame(given, hmac(secret, "POST", address, request.raw, timestamp)))
      );
    },
    // A repeated attempt counts itself in the body.
    idOf: (_request, { attemptNumber: _, ...event }) => hash("sha256", canonicalJson(event)).slice(0, 32),
  },
  /** https://api.slack.com/authentication/verifying-requests-from-slack */
  slack: {
    header: "x-slack-signature",
    isGenuine(request, secret) {
      const timestamp = headerOf(request, "x-slack-request-timestamp") ?? "";
      const [version, hex = ""] = (headerOf(request, "x-slack-signature") ?? "").split("=");
      return (
        version === "v0" &&
        isTimely(timestamp, 1_000, request.now) &&
        isSame(Buffer.from(hex, "hex"), hmac(secret, `v0:${timestamp}:`, request.raw))
      );
    },
    idOf: (_request, { event_id: id }) => textOf(id),
  },
  /** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
  github: {
    header: "x-hub-signature-256",
    isGenuine: (request, secret) => isSignedBody(headerOf(request, "x-hub-signature-256"), request, secret),
    idOf: (request) => headerOf(request, "x-github-delivery"),
  },
  /** https://docs.stripe.com/webhooks/signature */
  stripe: {
    header: "stripe-signature",
    isGenuine(request, secret) {
      const parts = (headerOf(request, "stripe-signature") ?? "").split(",").map((part) => part.trim().split("="));
      const timestamp = parts.find(([name]) => name === "t")?.[1] ?? "";
      const expected = hmac(secret, `${timestamp}.`, request.raw);
      return (
        isTimely(timestamp, 1_000, request.now) &&
        parts.some(([name, hex = ""]) => name === "v1" && isSame(Buffer.from(hex, "hex"), expected))
      );
    },
    idOf: (_request, { id }) => textOf(id),
  },
  /** https://www.standardwebhooks.com */
  standard: {
    header: "webhook-signature",
    isGenuine(request, secret) {
      const [id = "", timestamp = ""] = [headerOf(request, "webhook-id"), headerOf(request, "webhook-timestamp")];
      const signatures = headerOf(request, "webhook-signature") ?? "";
      return (
        id !== "" && isTimely(timestamp, 1_000, request.now) && isSignedWebhook({ id, timestamp, body: request.raw }, signatures, secret)
      );
    },
    idOf: (request) => headerOf(request, "webhook-id"),
  },
  /** HMAC-SHA256 of the body, in hex or base64. No id beside it is signed, so that only the body tells a repetition. */
  hmac: {
    header: "x-signature-256",
    isGenuine: (request, secret) => isSignedBody(headerOf(request, "x-signature-256") ?? headerOf(request, "x-signature"), request, secret),
    idOf: () => undefined,
  },
  /** The secret itself, as a bearer token or as GitLab sends it: for senders that cannot sign. */
  token: {
    header: "authorization",
    isGenuine(request, secret) {
      const bearer = /^bearer +(\S+) *$/i.exec(headerOf(request, "authorization") ?? "")?.[1];
      const given = bearer ?? headerOf(request, "x-webhook-token") ?? headerOf(request, "x-gitlab-token") ?? "";
      return isSame(hash("sha256", given, "buffer"), hash("sha256", secret, "buffer"));
    },
    idOf: (request) => headerOf(request, "webhook-id") ?? headerOf(request, "idempotency-key") ?? headerOf(request, "x-gitlab-event-uuid"),
  },
};

function hmac(secret: string, ...signed: readonly (string | Buffer)[]): Buffer {
  const digest = createHmac("sha256", secret);
  for (const part of signed) digest.update(part);
  return digest.digest();
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function isSignedBody(signature: string | undefined, { raw }: HookRequest, secret: string): boolean {
  const text = (signature ?? "").replace(/^sha256=/, "");
  return isSame(Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64"), hmac(secret, raw));
}

/** `unit`: milliseconds of one. */
function isTimely(timestamp: string, unit: number, now: number): boolean {
  return /^\d{1,16}$/.test(timestamp) && Math.abs(now - Number(timestamp) * unit) <= TOLERANCE_MS;
}

/** The addresses that the sender may have called. */
function addressesOf({ url, headers, publicUrl }: HookRequest): readonly string[] {
  const bases = publicUrl === undefined ? [`https://${headers.host}`, `http://${headers.host}`] : [publicUrl.replace(/\/+$/, "")];
  return bases.map((base) => `${base}${url}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
