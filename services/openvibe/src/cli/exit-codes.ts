import { isOpenVibeError, PROBLEMS } from "@openvibe/core";

export const ExitCode = { Ok: 0, Failed: 1, Usage: 2, Config: 3, Connect: 4, Auth: 5, NotFound: 6, TimedOut: 7, Interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export function exitCodeOf(error: unknown): ExitCode {
  if (!isOpenVibeError(error)) return ExitCode.Failed;
  switch (error.code) {
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
    default:
      return PROBLEMS[error.code].status === 404 ? ExitCode.NotFound : ExitCode.Failed;
  }
}
