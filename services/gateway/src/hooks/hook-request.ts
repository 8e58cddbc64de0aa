import type { IncomingHttpHeaders } from "node:http";

/** A webhook as it came, before anything in it is believed. */
export interface HookRequest {
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, byte for byte. */
  readonly raw: Buffer;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly publicUrl: string | undefined;
}

export function headerOf({ headers }: Pick<HookRequest, "headers">, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
