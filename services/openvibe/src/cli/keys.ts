import { didYouMean, nearestNames, OpenVibeError } from "@openvibe/core";
import { formatKeyEntry, HashedKey, hashOfKey, newApiKey, SCOPES } from "@openvibe/http";
import { print } from "./print.ts";

export interface NewKeyOptions {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly operators?: readonly string[];
  readonly json?: boolean;
}

/**
 * `openvibe keys create`: a new key, once, and the entry by which a server knows it. Asks no server and keeps nothing.
 * @throws OpenVibeError OV_PARAMETER_INVALID
 */
export function createKey({ json, name, scopes, operators }: NewKeyOptions): void {
  const what = { name, scopes, ...(operators === undefined ? {} : { operators }) };
  const key = newApiKey();
  const parsed = HashedKey.safeParse({ ...what, hash: hashOfKey(key) });
  if (!parsed.success) throw refusalOf(what, parsed.error.issues[0]);
  const line = formatKeyEntry(parsed.data);
  if (json === true) {
    print(JSON.stringify({ key, ...parsed.data, entry: line }));
    return;
  }
  print(`key                ${key}`);
  print(`OPENVIBE_API_KEYS  ${line}`);
  print(`openvibe.config    apiKeys: [${JSON.stringify(parsed.data)}]`);
  process.stderr.write(
    "The key is shown this once: hand it to its caller. A server gets one of the two entries, which hold its hash only.\n",
  );
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string } | undefined;

function refusalOf(what: Omit<NewKeyOptions, "json">, issue: Issue): OpenVibeError {
  const [flag, index] = issue?.path ?? [];
  const list = flag === "scopes" ? what.scopes : flag === "operators" ? (what.operators ?? []) : [what.name];
  const given = list[Number(index ?? 0)] ?? "";
  const hint = flag === "scopes" ? didYouMean(nearestNames(given, SCOPES)) : "";
  return new OpenVibeError("OV_PARAMETER_INVALID", `--${String(flag)}: ${JSON.stringify(given.slice(0, 80))} ${issue?.message}${hint}`);
}
