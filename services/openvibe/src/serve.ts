import type { LlmProvider } from "@openvibe/llm";
import { type AnyOperator, definitionOf } from "@openvibe/sdk";
import type { Hooks } from "./hooks.ts";
import { tellLoader } from "./while-loading.ts";

export interface ServeOptions {
  /** 8000, or `OPENVIBE_PORT`; 0 takes any free one. */
  readonly port?: number;
  /** 127.0.0.1 by default; any other bind needs `OPENVIBE_API_KEYS`. */
  readonly host?: string;
  /** Where the embedded store lies: a file, or `":memory:"`. `.openvibe/openvibe.db` by default; unused with Postgres. */
  readonly store?: string;
  /** A model of your own, instead of the one the configuration names. */
  readonly llm?: LlmProvider;
  /** `false`: no signal handlers, no lines on the terminal; for use inside another program. */
  readonly foreground?: boolean;
}

/** A running server. Disposing it drains and stops it. */
export interface Served extends Hooks, AsyncDisposable {
  readonly url: string;
}

/**
 * Serves operators over HTTP in this process, as environment and `openvibe.config` say: embedded (SQLite, memory bus) when they say nothing.
 * Resolves when it takes requests.
 * @throws OpenVibeError OV_CONFIG_INVALID, OV_DEFINITION_INVALID, OV_STORE_IN_USE
 */
export async function serve(operators: AnyOperator | readonly AnyOperator[], options: ServeOptions = {}): Promise<Served> {
  if (tellLoader()) return await new Promise<never>(() => {}); // the file's other lines expect a server, and there is none
  const [{ outliveStrayRejections, secretsOf, stopSignal }, { loadConfigured }, { createLogger }, { compose }, { silentLogger }] =
    await Promise.all([
      import("@openvibe/composition"),
      import("./load-configured.ts"),
      import("@openvibe/telemetry"),
      import("./compose.ts"),
      import("@openvibe/core"),
    ]);
  const foreground = options.foreground !== false;
  process.env = { ...process.env }; // LangGraph reads it dozens of times a run, a native call each time
  const config = await loadConfigured({
    OPENVIBE_PORT: options.port?.toString(),
    OPENVIBE_HOST: options.host,
    ...(options.store === undefined
      ? {}
      : { OPENVIBE_STORE: options.store === ":memory:" ? "memory" : "sqlite", OPENVIBE_SQLITE_PATH: options.store }),
  });
  const definitions = (typeof operators === "function" || "manifest" in operators ? [operators] : operators).map(definitionOf);
  const logger = foreground ? createLogger({ level: "warn", name: "openvibe", secrets: secretsOf(config) }) : silentLogger;
  if (foreground) outliveStrayRejections(logger);
  const composed = await compose({
    config,
    definitions,
    logger,
    ...(options.llm === undefined ? {} : { llm: options.llm }),
    ...(options.port === undefined ? {} : { choosePort: "the option port of serve" }), // which goes before OPENVIBE_PORT
  });
  const url = composed.url ?? "";
  const { on, off } = composed.hooks;
  if (!foreground) return { url, on, off, [Symbol.asyncDispose]: () => composed[Symbol.asyncDispose]() };

  const { announce } = await import("./announce.ts");
  announce({ url, definitions, config, ownLlm: options.llm?.name });
  const dispose = async () => {
    await composed[Symbol.asyncDispose]();
  };
  stopSignal().addEventListener("abort", () => void dispose().then(() => process.exit(0)), { once: true });
  composed.failed.catch((error: unknown) => {
    process.stderr.write(`openvibe: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
  return { url, on, off, [Symbol.asyncDispose]: dispose };
}
