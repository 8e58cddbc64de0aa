import { createTargetGuard, LOOPBACK_TARGETS, type TargetGuard } from "@openvibe/http";
import type { HookSettings } from "@openvibe/http/hook-source";
import type { Config } from "./config.ts";

/** Where webhooks may go. @throws OpenVibeError OV_CONFIG_INVALID */
export function targetsOf({ webhooks: { allow = [], open } }: Pick<Config, "webhooks">): TargetGuard {
  return createTargetGuard({ allow: open ? [...allow, ...LOOPBACK_TARGETS] : allow });
}

/** Whose webhooks are taken. */
export function hooksOf({ webhooks: { sources, publicUrl, open } }: Pick<Config, "webhooks">): HookSettings {
  return { sources, unsigned: open, ...(publicUrl === undefined ? {} : { publicUrl }) };
}
