import type { Config } from "./config.ts";

const LEAST_CHARACTERS = 4;

/** What must never stand in a log line or a message: keys, passwords, tokens, in the spellings that a connection may tell them in. */
export function secretsOf({ apiKeys, llm, store, bus, webhooks }: Config): string[] {
  const logins = [
    ...(store.kind === "postgres" ? passwordsOf(store.url, false) : []),
    ...Object.values(webhooks.sources).map(({ secret }) => secret),
    ...(bus.kind === "redis" ? passwordsOf(bus.url, false) : []),
    ...(bus.kind === "nats" ? bus.servers.flatMap((server) => passwordsOf(server, true)) : []),
  ];
  const all = [...(apiKeys ?? []).filter((key) => typeof key === "string"), ...(llm.kind === "anthropic" ? [llm.apiKey] : []), ...logins];
  return [...new Set(all)].filter((secret) => secret.length >= LEAST_CHARACTERS);
}

/** What stands before the `@`: a user and a password, or (in NATS) a token alone. */
function passwordsOf(address: string, mayBeToken: boolean): string[] {
  const [, login] = /^(?:[a-z]+:\/\/)?([^/]*)@/i.exec(address) ?? [];
  if (login === undefined) return [];
  const colon = login.indexOf(":");
  if (colon < 0 && !mayBeToken) return [];
  const secret = login.slice(colon + 1);
  return [secret, decoded(secret)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is a % then
  }
}
