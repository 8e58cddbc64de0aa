import { isOpenVibeError, PROBLEMS } from "@openvibe/core";
import { ExitCode } from "./exit-code.ts";

export { ExitCode };

export function exitCodeOf(error: unknown): ExitCode {
  if (!isOpenVibeError(error)) return ExitCode.Failed;
  switch (error.code) {
    case "OV_INPUT_INVALID":
    case "OV_ANSWER_INVALID":
    case "OV_RERUN_INVALID":
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
