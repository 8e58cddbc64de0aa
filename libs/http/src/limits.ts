/** What one server takes from outside. Times are milliseconds. */
export interface HttpLimits {
  /** Of one body; 1 MiB by default. */
  readonly maxBodyBytes: number;
  /** Of the address, its query included; 8 KiB by default. */
  readonly maxUrlBytes: number;
  /** Of all headers of a request, the address included; 16 KiB by default. */
  readonly maxHeaderBytes: number;
  /** Until the headers of a request are there; 10 s by default. */
  readonly headersTimeoutMs: number;
  /** Until the whole request is there; 30 s by default. How long an answer may take is not limited here. */
  readonly requestTimeoutMs: number;
  /** Idle time after which a connection is closed; 72 s by default, above the 60 s that proxies use. */
  readonly keepAliveTimeoutMs: number;
  /** Open connections; more are closed at once. 10,000 by default. */
  readonly maxConnections: number;
  /** How often the two timeouts above are looked at; 1 s by default. */
  readonly checkEveryMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  maxBodyBytes: 1_048_576,
  maxUrlBytes: 8_192,
  maxHeaderBytes: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 72_000,
  maxConnections: 10_000,
  checkEveryMs: 1_000,
};
