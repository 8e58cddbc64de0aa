import {
  aborted,
  type Config,
  loadOperators,
  outliveStrayRejections,
  parseFaults,
  pickOperators,
  secretsOf,
  stopSignal,
} from "@openvibe/composition";
import type { OperatorDefinition } from "@openvibe/core";
import { createLogger, type LogLevel } from "@openvibe/telemetry";
import { announce } from "../announce.ts";
import { compose } from "../compose.ts";
import { configuredDefaults } from "../configure.ts";
import { loadConfigured } from "../load-configured.ts";
import { ROLES, type Role } from "../roles.ts";
import { whileLoading } from "../while-loading.ts";

export interface ServeCommandOptions {
  readonly operators?: readonly string[];
  readonly roles?: readonly Role[];
  readonly port?: string;
  readonly host?: string;
  /** For the person who writes the operators: history is kept, and on a terminal log lines are for people. */
  readonly dev?: boolean;
  /** Runs by the clock, whatever the configuration says. */
  readonly cron?: boolean;
  /** Called when the operators' files are loaded. */
  readonly onLoaded?: () => void;
}

/** `openvibe serve`: until SIGINT or SIGTERM, then drains. */
export async function serveCommand(files: readonly string[], options: ServeCommandOptions): Promise<void> {
  process.env = { ...process.env }; // LangGraph reads it dozens of times a run, a native call each time
  const signal = stopSignal();
  const flags = {
    OPENVIBE_PORT: options.port,
    OPENVIBE_HOST: options.host,
    OPENVIBE_SCHEDULER: options.cron === true ? "cron" : undefined,
  };
  const found = await loadConfigured(flags);
  const roles = options.roles ?? ROLES;
  const definitions = roles.includes("worker") && found.postedOperators !== "only" ? await load(files, options.operators, found) : [];
  options.onLoaded?.();
  const config = configuredDefaults() === undefined ? found : await loadConfigured(flags); // the files may have said more
  const pretty = options.dev === true && process.stdout.isTTY;
  const logger = createLogger({ level: config.logLevel as LogLevel, name: "openvibe", secrets: secretsOf(config), pretty });
  outliveStrayRejections(logger);
  const dev = options.dev === true;
  const settled: Config = { ...config, history: config.history ?? dev, scheduler: config.scheduler ?? (dev ? "none" : "cron") };
  await using composed = await compose({ config: settled, definitions, roles, logger, faults: parseFaults(process.env) });
  tell(composed.url, definitions, settled, roles);
  await Promise.race([composed.failed, aborted(signal)]);
  logger.info({ reason: String(signal.reason) }, "draining");
}

/** What was typed goes before what the environment says. */
async function load(files: readonly string[], ids: readonly string[] | undefined, config: Config): Promise<readonly OperatorDefinition[]> {
  const { operatorFiles, handlerFiles } = config;
  const from = { files: files.length > 0 ? files : operatorFiles, handlerFiles, cwd: process.cwd(), env: process.env };
  if (ids === undefined) return await whileLoading(() => loadOperators({ ...from, only: config.operators }));
  return pickOperators(await whileLoading(() => loadOperators(from)), ids, { name: "--operators", code: "OV_PARAMETER_INVALID" });
}

function tell(url: string | undefined, definitions: readonly OperatorDefinition[], config: Config, roles: readonly Role[]): void {
  if (url !== undefined && definitions.length > 0) announce({ url, definitions, config });
  else process.stdout.write(`OpenVibe runs ${roles.join(", ")}${url === undefined ? "" : ` at ${url}`}\n`);
}
