import { type Ended, HELLO, openvibe, SMALL, type SpawnOptions, startServer } from "../spawn-node.fixture.ts";

const KEY = "ov_a_key_of_the_tests";

export interface ServedSmall extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  /** The environment in which the command finds the server, and is let in. */
  readonly env: Readonly<Record<string, string>>;
  /** `openvibe <args>` in that environment. */
  command(args: readonly string[], options?: SpawnOptions): Promise<Ended>;
  /** Starts a run of `openvibe run <args>`; gives its id. */
  activate(...args: string[]): Promise<string>;
}

/** A server with the operators hello and small, which wants a key. One for a whole file: it takes a second or two to start. */
export async function serveSmall(): Promise<ServedSmall> {
  const server = await startServer([HELLO, SMALL], {
    env: { OPENVIBE_STORE: "memory", OPENVIBE_API_KEYS: KEY, OPENVIBE_LOG_LEVEL: "error" },
  });
  const env = { OPENVIBE_URL: server.url, OPENVIBE_API_KEY: KEY };
  const command = (args: readonly string[], options: SpawnOptions = {}) => openvibe(args, { ...options, env });
  return {
    url: server.url,
    key: KEY,
    env,
    command,
    activate: async (...args) => String(jsonLines((await command(["run", ...args, "--json"])).out)[0]?.run_id),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
