import { isIP } from "node:net";
import { OpenVibeError } from "@openvibe/core";
import { isPublicAddress } from "./addresses.ts";
import { parseAllowList } from "./allow-list.ts";

/** Decides where this process may be sent by somebody who only names an address (SSRF). */
export interface TargetGuard {
  /** Reads an address that somebody gave. @throws OpenVibeError OV_URL_NOT_ALLOWED with what is wrong and what is allowed */
  parse(url: string): URL;
  /** Whether a host may be connected to at this address: asked for every address of a name, each time it is called. */
  allows(host: string, address: string): boolean;
}

const MAX_URL_CHARACTERS = 2_048;

/** What may be called where nobody but this machine reaches the server, and everybody may do everything anyway: receivers under development. */
export const LOOPBACK_TARGETS: readonly string[] = ["localhost", "127.0.0.0/8", "::1"];

/** Names that no public resolver knows: https://www.rfc-editor.org/rfc/rfc6761, `.internal`, and those of clouds' metadata. */
const LOCAL_NAMES = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)$/;

/**
 * Public `https` addresses, and what `allow` lists: those may be `http` as well, by a listed name or as an address in a listed network.
 * Ports: 443, 80 and those from 1024 on, so that nobody is made to speak HTTP to another service's door.
 * @throws OpenVibeError OV_CONFIG_INVALID
 */
export function createTargetGuard({ allow = [] }: { readonly allow?: readonly string[] } = {}): TargetGuard {
  const listed = parseAllowList(allow);
  const isListed = (host: string) => listed.hasHost(host) || listed.hasAddress(host);
  return {
    parse(text) {
      if (text.length > MAX_URL_CHARACTERS) throw refused(`it is longer than ${MAX_URL_CHARACTERS} characters`);
      const url = URL.parse(text);
      if (url === null || /[\s\p{Cc}]/u.test(text)) throw refused("it is no URL");
      if (url.protocol !== "https:" && url.protocol !== "http:") throw refused(`${url.protocol} is not allowed`);
      const host = hostOf(url);
      if (url.username !== "" || url.password !== "") throw refused("a user and password in it would be shown to everybody who lists it");
      const fault = isListed(host) ? undefined : findHostFault(host);
      if (fault !== undefined) throw refused(fault);
      if (url.protocol === "http:" && !isListed(host))
        throw refused("http: is not allowed, since anybody on the way could read and change it");
      if (!isAllowedPort(url)) throw refused(`port ${url.port} is not allowed; allowed are 443, 80 and those from 1024 on`);
      return url;
    },
    allows: (host, address) => listed.hasHost(host) || listed.hasAddress(address) || isPublicAddress(address),
  };
}

/** As it is resolved and compared: an IPv6 address without brackets, a name without the root's dot. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function findHostFault(host: string): string | undefined {
  if (isIP(host) !== 0) return isPublicAddress(host) ? undefined : `${host} is no address of the public internet`;
  if (LOCAL_NAMES.test(host) || !host.includes(".")) return `${JSON.stringify(host.slice(0, 80))} is no name of the public internet`;
  return undefined;
}

function isAllowedPort({ port }: URL): boolean {
  return port === "" || port === "443" || port === "80" || Number(port) >= 1_024;
}

function refused(why: string): OpenVibeError {
  return new OpenVibeError(
    "OV_URL_NOT_ALLOWED",
    `the address cannot be called: ${why}; allowed is a public https address, and hosts that OPENVIBE_WEBHOOKS_ALLOW lists`,
    {
      errors: [{ pointer: "/url", detail: why }],
    },
  );
}
