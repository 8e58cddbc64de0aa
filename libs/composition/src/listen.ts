import { OpenVibeError } from "@openvibe/core";
import type { Config } from "./config.ts";
import { aborted } from "./stop-signal.ts";

/** The part of a Fastify instance that is needed to open and close its door. */
export interface Listener {
  listen(options: { readonly host: string; readonly port: number }): Promise<string>;
  close(): Promise<unknown>;
}

/** Opens the configured address; gives its URL. @throws OpenVibeError OV_CONFIG_INVALID when the address cannot be had */
export async function listen(
  app: Listener,
  { host, port }: Pick<Config, "host" | "port">,
  choose = "--port or OPENVIBE_PORT",
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    const why = code === "EADDRINUSE" ? "is taken by another process" : `cannot be opened (${String(code)})`;
    throw new OpenVibeError("OV_CONFIG_INVALID", `address ${host}:${port} ${why}; choose another with ${choose} (0 takes any free one)`, {
      cause,
    });
  }
}

/** Listens until `signal` aborts, then closes: what was asked is answered first. */
export async function serveUntil(
  app: Listener,
  config: Pick<Config, "host" | "port">,
  signal: AbortSignal,
  onReady: (url: string) => void,
): Promise<void> {
  onReady(await listen(app, config));
  await aborted(signal);
  await app.close();
}
