import { BlockList, isIP } from "node:net";
import { OpenVibeError } from "@openvibe/core";
import { familyOf } from "./addresses.ts";

/** What may be called besides the public internet. */
export interface AllowList {
  /** By name: then whatever addresses the name has. */
  hasHost(host: string): boolean;
  hasAddress(address: string): boolean;
}

const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/;

/**
 * Reads hosts (`hooks.internal`, `*.corp.example`), addresses (`10.1.2.3`, `fd00::1`) and networks (`10.0.0.0/8`).
 * @throws OpenVibeError OV_CONFIG_INVALID
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const addresses = new BlockList();
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const entry of entries) {
    const [network = "", bits] = entry.split("/");
    if (isIP(network) !== 0) addNetwork(addresses, entry, network, bits);
    else if (HOST.test(entry.toLowerCase()) && !/^[\d.]+$/.test(entry)) {
      const host = entry.toLowerCase();
      if (host.startsWith("*.")) suffixes.push(host.slice(1));
      else hosts.add(host);
    } else throw notAllowed(entry);
  }
  return {
    hasHost: (host) => hosts.has(host) || suffixes.some((suffix) => host.endsWith(suffix) && host.length > suffix.length),
    hasAddress: (address) => isIP(address) !== 0 && !address.includes("%") && addresses.check(address, familyOf(address)),
  };
}

function addNetwork(list: BlockList, entry: string, network: string, bits: string | undefined): void {
  const most = isIP(network) === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (prefix < 0 || prefix > most || entry.split("/").length > 2) throw notAllowed(entry);
  list.addSubnet(network, prefix, familyOf(network));
}

function notAllowed(entry: string): OpenVibeError {
  return new OpenVibeError(
    "OV_CONFIG_INVALID",
    `OPENVIBE_WEBHOOKS_ALLOW: ${JSON.stringify(entry.slice(0, 80))} is none; allowed are hosts (hooks.internal, *.corp.example), addresses and networks (10.0.0.0/8)`,
  );
}
