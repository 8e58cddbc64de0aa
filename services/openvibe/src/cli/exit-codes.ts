import { isOpenVibeError, PROBLEMS } from "@openvibe/core";

/**
 * How the command ends. 2 is for what was typed: flags, arguments, input. 3 is for what was found: environment, operator files, the database, the
 * broker, an address that is taken. The page docs/errors.md says the same for people.
 */
export const ExitCode = { Ok: 0, Failed: 1, Usage: 2, Config: 3, Connect: 4, Auth: 5, NotFound: 6, TimedOut: 7, Interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export function exitCodeOf(error: unknown): ExitCode {
  if (!isOpenVibeError(error)) return ExitCode.Failed;
  switch (error.code) {
    case "OV_INPUT_INVALID":
      return ExitCode.Usage;
    case "OV_CONFIG_INVALID":
    case "OV_DEFINITION_INVALID":
    case "OV_BUS_CONFIG":
    case "OV_STORE_IN_USE":
    case "OV_STORE_SCHEMA":
      return ExitCode.Config;
    case "OV_BUS_UNAVAILABLE":
    case "OV_STORE_UNAVAILABLE":
      return ExitCode.Connect;
    case "OV_UNAUTHENTICATED":
    case "OV_FORBIDDEN":
      return ExitCode.Auth;
  }
  const { status } = PROBLEMS[error.code];
  if (status === 400) return ExitCode.Usage;
  return status === 404 ? ExitCode.NotFound : ExitCode.Failed;
}
