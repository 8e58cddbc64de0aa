import { lookup as systemLookup } from "node:dns";
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { messageOf } from "@openvibe/core";
import { hostOf, type TargetGuard } from "./target-guard.ts";

export type PostFailure = "blocked_address" | "dns_failed" | "tls_failed" | "timeout" | "connection_failed";

/** An answer came, whatever it says; or why none did. */
export type PostResult =
  | { readonly status: number; readonly retryAfter: string | undefined; readonly body: string; readonly failure?: never }
  | { readonly status?: never; readonly failure: PostFailure; readonly detail: string };

export interface GuardedPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly guard: TargetGuard;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** In place of the system's resolver. */
  readonly lookup?: LookupFunction;
}

/** Bytes of an answer that are read; what comes after is left to the other end. */
const MAX_ANSWER_BYTES = 65_536;
/** Characters of it that are kept. */
const KEPT_CHARACTERS = 1_024;

/**
 * Sends a POST where the guard lets it, and reads the answer as far as it is wanted. The name is resolved once, every address it has is checked, and one of
 * these is connected to: a name that changes its mind in between (DNS rebinding) gains nothing. No redirect is followed, nothing is unpacked, no
 * connection is kept. Never throws.
 */
export async function guardedPost({ url, headers, body, guard, timeoutMs, signal, lookup }: GuardedPost): Promise<PostResult> {
  const host = hostOf(url);
  // For an address no lookup is asked.
  if (isIP(host) !== 0 && !guard.allows(host, host)) return blocked(host, host);
  const timeout = AbortSignal.timeout(timeoutMs);
  const stopping = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const options: RequestOptions = {
    method: "POST",
    protocol: url.protocol,
    host,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      host: url.host,
      "content-length": String(Buffer.byteLength(body)),
      "accept-encoding": "identity",
      connection: "close",
    },
    lookup: checked(host, guard, lookup ?? (systemLookup as LookupFunction)),
    agent: false,
    signal: stopping,
  };
  try {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(options);
    request.end(body);
    const answer = await answerOf(request);
    const retryAfter = answer.headers["retry-after"];
    return { status: answer.statusCode ?? 0, retryAfter, body: await readSome(answer) };
  } catch (error) {
    if (timeout.aborted) return { failure: "timeout", detail: `no answer within ${timeoutMs / 1_000} s` };
    if (error instanceof BlockedAddress) return blocked(host, error.address);
    return { failure: toFailure(error), detail: messageOf(error).slice(0, 500) };
  }
}

class BlockedAddress extends Error {
  readonly address: string;

  constructor(address: string) {
    super(`${address} may not be connected to`);
    this.address = address;
  }
}

function blocked(host: string, address: string): PostResult {
  const what = host === address ? address : `${host} resolves to ${address}, which`;
  return {
    failure: "blocked_address",
    detail: `${what} is no address of the public internet, and OPENVIBE_WEBHOOKS_ALLOW does not list it`,
  };
}

/** Gives the connection the addresses that were checked, and no others. One that is not allowed spoils all: nobody honest has such a name. */
function checked(host: string, guard: TargetGuard, resolve: LookupFunction): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const addresses = typeof found === "string" ? [{ address: found, family: isIP(found) }] : found;
      const odd = addresses.find(({ address }) => !guard.allows(host, address));
      if (odd !== undefined) return done(new BlockedAddress(odd.address), []);
      const [first] = addresses;
      if (options.all === true || first === undefined) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("close", () => reject(new Error("the connection ended before an answer")));
    request.on("error", reject); // stays: one that comes later without a listener would end the process
  });
}

/** The answer's beginning. Its status has come and counts, whatever becomes of the rest. */
async function readSome(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (bytes < KEPT_CHARACTERS * 4) chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_ANSWER_BYTES) break; // leaving the loop ends the connection
    }
  } catch {
    // cut off, or too late: see above
  }
  return Buffer.concat(chunks).toString("utf8").replaceAll("\0", "\uFFFD").slice(0, KEPT_CHARACTERS).toWellFormed();
}

const DNS = new Set(["ENOTFOUND", "EAI_AGAIN", "ENODATA", "ESERVFAIL", "ETIMEOUT", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME"]);
const TLS = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/;

function toFailure(error: unknown): PostFailure {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return "connection_failed";
  if (DNS.has(code)) return "dns_failed";
  return TLS.test(code) ? "tls_failed" : "connection_failed";
}
