import { type Authenticator, credsAuthenticator, type NodeConnectionOptions, nkeyAuthenticator } from "@nats-io/transport-node";
import { type Logger, OpenVibeError } from "@openvibe/core";
import type { StreamOptions } from "@openvibe/nats";
import { parseHeaderText } from "./header-text.ts";

export interface NatsBusOptions {
  /** `nats://host:port`, one or several of a cluster; a user and password, or a token, may stand before the host of the first. */
  readonly servers: string | readonly string[];
  /** How this connection is called in the server's monitoring, such as `openvibe-worker`. */
  readonly name: string;
  readonly logger?: Logger;
  /** Without an extension a wake-up is delivered again after this; 5,000 by default. The same for all who take of one operator. */
  readonly holdMs?: number;
  /** How long the first connection is tried for; 10,000 by default. Later ones are tried for ever. */
  readonly connectTimeoutMs?: number;
  /** How long publishing and reading wait out an election or a lost connection before OV_BUS_UNAVAILABLE; 10,000 by default. */
  readonly patienceMs?: number;
  /** Creates or updates the streams first. Without it they must be there (`openvibe nats apply`). */
  readonly apply?: StreamOptions;
  /** Servers that keep a copy of a bucket made here; as many as the event log has by default. */
  readonly bucketReplicas?: number;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The seed of an NKey. */
  readonly nkeySeed?: string;
  /** The text of a credentials file (JWT and seed). */
  readonly credentials?: string;
  readonly tls?: NonNullable<NodeConnectionOptions["tls"]>;
  /** A prefix of one's own lets the server forbid others to read one's replies; `_INBOX` by default. */
  readonly inboxPrefix?: string;
}

/** The client's options, made anew for each connection: the client writes into them. @throws OpenVibeError OV_CONFIG_INVALID */
export function toConnectionOptions(options: NatsBusOptions): NodeConnectionOptions {
  const urls = (typeof options.servers === "string" ? options.servers.split(",") : options.servers).map((text) => parseServer(text.trim()));
  const login = urls[0]?.login;
  const user = options.user ?? login?.user;
  const pass = options.password ?? login?.password;
  const token = options.token ?? login?.token;
  const authenticator = toAuthenticator(options);
  return {
    servers: urls.map(({ server }) => server),
    name: options.name,
    timeout: 3_000,
    // A connection that was there once is tried again for ever; what waits for it has bounds of its own.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 500,
    reconnectJitterTLS: 1_000,
    // A dead peer is noticed in 10 to 15 s, not in minutes.
    pingInterval: 5_000,
    maxPingOut: 2,
    // Stack traces of every request cost more than the request.
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(token === undefined ? {} : { token }),
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(options.tls === undefined ? {} : { tls: { ...options.tls } }),
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
  };
}

function toAuthenticator({ nkeySeed, credentials }: NatsBusOptions): Authenticator | undefined {
  if (credentials !== undefined) return credsAuthenticator(new TextEncoder().encode(credentials));
  return nkeySeed === undefined ? undefined : nkeyAuthenticator(new TextEncoder().encode(nkeySeed));
}

interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** The client drops what stands before the `@`, so it is taken out here. */
function parseServer(text: string): { server: string; login: Login } {
  const match = /^(?:(?:nats|tls):\/\/)?(?:([^@/]*)@)?([^@/\s]+)\/?$/.exec(text);
  if (match?.[2] === undefined)
    throw new OpenVibeError("OV_CONFIG_INVALID", `${hidden(text)} is no NATS server; allowed is nats://host:4222`);
  return { server: match[2], login: parseLogin(match[1]) };
}

function parseLogin(text: string | undefined): Login {
  if (text === undefined || text === "") return {};
  const colon = text.indexOf(":");
  if (colon === -1) return { token: parseHeaderText(text) };
  return { user: parseHeaderText(text.slice(0, colon)), password: parseHeaderText(text.slice(colon + 1)) };
}

function hidden(text: string): string {
  return JSON.stringify(text.replace(/\/\/[^@]*@/, "//***@"));
}
