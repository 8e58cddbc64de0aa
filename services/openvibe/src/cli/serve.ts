import { type Config, loadOperators, type Overrides, parseConfig, parseFaults, secretsOf, stopSignal } from "@openvibe/composition";
import { OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import { createLogger, type LogLevel } from "@openvibe/telemetry";
import { announce } from "../announce.ts";
import { compose, ROLES, type Role } from "../compose.ts";

export interface ServeCommandOptions {
  readonly operators?: string;
  readonly roles?: string;
  readonly port?: string;
  readonly host?: string;
}

/** `openvibe serve`: until SIGINT or SIGTERM, then drains. */
export async function serveCommand(files: readonly string[], options: ServeCommandOptions): Promise<void> {
  process.env = { ...process.env }; // LangGraph reads it dozens of times a run, a native call each time
  const signal = stopSignal();
  const config = parseConfig(process.env, toOverrides(files, options));
  const roles = parseRoles(options.roles);
  const definitions = roles.includes("worker")
    ? await loadOperators({ files: config.operatorFiles, only: config.operators, cwd: process.cwd() })
    : [];
  const logger = createLogger({ level: config.logLevel as LogLevel, name: "openvibe", secrets: secretsOf(config) });
  await using composed = await compose({ config, definitions, roles, logger, faults: parseFaults(process.env) });
  tell(composed.url, definitions, config, roles);
  await Promise.race([composed.failed, new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))]);
  logger.info({ reason: String(signal.reason) }, "draining");
}

function tell(url: string | undefined, definitions: readonly OperatorDefinition[], config: Config, roles: readonly Role[]): void {
  if (url !== undefined && definitions.length > 0) announce({ url, definitions, config });
  else process.stdout.write(`OpenVibe runs ${roles.join(", ")}${url === undefined ? "" : ` at ${url}`}\n`);
}

function toOverrides(files: readonly string[], { operators, port, host }: ServeCommandOptions): Overrides {
  if (operators?.split(",").some((id) => id.trim() === "")) {
    throw new OpenVibeError(
      "OV_CONFIG_INVALID",
      `--operators ${JSON.stringify(operators)} names an empty operator; allowed are ids separated by commas`,
    );
  }
  return {
    OPENVIBE_OPERATOR_FILES: files.length === 0 ? undefined : files.join(","),
    OPENVIBE_OPERATORS: operators,
    OPENVIBE_PORT: port,
    OPENVIBE_HOST: host,
  };
}

function parseRoles(given: string | undefined): readonly Role[] {
  if (given === undefined) return ROLES;
  return given.split(",").map((name) => {
    const role = ROLES.find((known) => known === name.trim());
    if (role === undefined)
      throw new OpenVibeError("OV_CONFIG_INVALID", `--roles: ${JSON.stringify(name)} is no role; there are ${ROLES.join(", ")}`);
    return role;
  });
}
